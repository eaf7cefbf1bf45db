"""Turns pydantic's errors into problems: one for each mistake, with its path as written in the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from gateway.config.known_keys import Step
from gateway.config.sentences import Found, as_path, nearest_key, sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem at one place of the configuration."""

    path: str
    text: str
    is_key: bool = False
    """Whether the key itself is wrong."""


def setting_problems(
    model: type[BaseModel], raw: object, errors: Iterable[ErrorDetails], written: Mapping[str, str | None]
) -> list[Problem]:
    """Return the problems of *raw*, each once; *written* has the scalars of the file by path, exactly as written."""
    found = [_found(raw, each, written) for each in errors]
    meant = {
        (*each.steps[:-1], near)
        for each in found
        if each.error["type"] == "extra_forbidden" and (near := nearest_key(model, raw, each)) is not None
    }
    keys = {each.steps for each in found if each.is_key}
    told: dict[tuple[tuple[Step, ...], bool], list[Found]] = {}
    for each in found:
        # An error below this place is more precise than this one; the value of a wrong key is not reported.
        is_told = any(_is_below(other.steps, each.steps) for other in found) or (not each.is_key and each.steps in keys)
        if not is_told and not (each.error["type"] == "missing" and each.steps in meant):
            told.setdefault((each.steps, each.is_key), []).append(each)
    return [
        Problem(as_path(steps), sentence(model, raw, group), is_key=is_key) for (steps, is_key), group in told.items()
    ]


def _found(raw: object, error: ErrorDetails, written: Mapping[str, str | None]) -> Found:
    steps = _steps(raw, error)
    if error["type"] == "union_tag_invalid":
        steps = (*steps, "kind")
    is_key = error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
    return Found(steps, is_key, error, written.get(as_path(steps)))


def _steps(raw: Any, error: ErrorDetails) -> tuple[Step, ...]:
    """Return pydantic's location as steps in the file, without the names of types that pydantic adds."""
    steps: list[Step] = []
    loc = error["loc"]
    is_chosen = False
    for index, step in enumerate(loc):
        if isinstance(raw, dict) and step == raw.get("kind") and not is_chosen:
            is_chosen = True  # a name of a type, even where a key is called like the kind
            continue
        is_missing = error["type"] == "missing" and index == len(loc) - 1
        if _is_there(raw, step):
            raw, is_chosen = raw[step], False
        elif not is_missing:
            continue
        steps.append(step)
    return tuple(steps)


def _is_there(raw: Any, step: Step) -> bool:
    if isinstance(raw, dict):
        return step in raw
    return isinstance(raw, list) and isinstance(step, int) and step < len(raw)


def _is_below(steps: tuple[Step, ...], above: tuple[Step, ...]) -> bool:
    return len(steps) > len(above) and steps[: len(above)] == above
