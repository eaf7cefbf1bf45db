"""The keys that a group of settings knows, and suggestions for keys that it does not know."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

Step = str | int
CONTAINERS: dict[Any, tuple[int, str]] = {dict: (1, "`{0}.NAME`"), list: (0, "`{0}[N]`")}
"""For a container type: the index of the type argument of its values, and how the path of a value is written."""


def known_keys(model: type[BaseModel], raw: object, steps: Sequence[Step]) -> list[str]:
    """Return the keys that the group at *steps* below *model* may have; *raw* says which kind the group is."""
    types: list[Any] = [model]
    for step in steps:
        types = [inner for each in types for inner in _below(each, raw, step)]
        raw = _value(raw, step)
    groups = [group for each in types for group in _groups(each, raw)]
    return list(dict.fromkeys(field.alias or name for group in groups for name, field in group.model_fields.items()))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the *known* word that is most similar to *word*, or None if no word is similar."""
    plain = {each.lower().replace("-", "_"): each for each in known}
    found = get_close_matches(word.lower().replace("-", "_").strip(), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def homes_of(model: type[BaseModel], key: str) -> list[str]:
    """Return the parts of the file where the misplaced *key* is allowed."""
    return [
        *(["the top of the file"] if _has(model, key) else []),
        *(place for place, groups in _parts(model) if any(_has(group, key) for group in groups)),
    ]


def _has(group: type[BaseModel], key: str) -> bool:
    return any(key == (field.alias or name) for name, field in group.model_fields.items())


def _parts(model: type[BaseModel]) -> Iterator[tuple[str, list[type[BaseModel]]]]:
    """Yield the name of each section of the file, or of an entry in it, with the groups of settings that fit there."""
    for name, field in model.model_fields.items():
        for each in _members(field.annotation):
            argument, place = CONTAINERS.get(get_origin(each), (None, "`{0}`"))
            yield place.format(name), list(_groups(each if argument is None else get_args(each)[argument], None))


def _below(annotation: Any, raw: object, step: Step) -> Iterator[Any]:
    """Yield the types that are allowed at *step* inside a value of the type *annotation*."""
    for each in _members(annotation):
        if get_origin(each) is dict:
            yield get_args(each)[1]
        elif get_origin(each) in (list, tuple):
            yield get_args(each)[0]
        for group in _groups(each, raw):
            yield from (field.annotation for name, field in group.model_fields.items() if step == (field.alias or name))


def _groups(annotation: Any, raw: object) -> Iterator[type[BaseModel]]:
    for each in _members(annotation):
        if isinstance(each, type) and issubclass(each, BaseModel) and _is_of_kind(each, raw):
            yield each


def _is_of_kind(group: type[BaseModel], raw: object) -> bool:
    kind = group.model_fields.get("kind")
    given = raw.get("kind") if isinstance(raw, Mapping) else None
    return kind is None or given is None or given in get_args(kind.annotation)


def _members(annotation: Any) -> Iterator[Any]:
    """Yield the members of the union *annotation*; a type that is no union is its own only member."""
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _members(each)
    else:
        yield annotation


def _value(raw: object, step: Step) -> object:
    try:
        return raw[step]  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        return None
