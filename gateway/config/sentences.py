"""Turns pydantic's errors about a value into a sentence with the reason and the correction."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from gateway.config.known_keys import Step, homes_of, known_keys, nearest
from gateway.contract.scalars import Unquoted

NUMBER, FLAG, TEXT, LIST, MAPPING = "a number", "true or false", "a text", "a list", "a mapping (`key: value`)"
WANTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "bool_for_number": NUMBER,
    "text_for_number": NUMBER,
    "bool_type": FLAG,
    "bool_parsing": FLAG,
    "other_for_flag": FLAG,
    "string_type": TEXT,
    "string_unicode": TEXT,
    "path_type": TEXT,
    "list_type": LIST,
    "tuple_type": LIST,
    "set_type": LIST,
    "frozen_set_type": LIST,
    "dict_type": MAPPING,
    "mapping_type": MAPPING,
    "model_type": MAPPING,
    "model_attributes_type": MAPPING,
}
"""The type that is expected, for each of pydantic's type errors."""
OTHERWISE = "cannot be used; see its row in docs/configuration.md"


@dataclass(frozen=True, slots=True)
class Found:
    """One of pydantic's errors, with the steps of its path in the file."""

    steps: tuple[Step, ...]
    is_key: bool
    error: ErrorDetails
    text: str | None
    """The value as it was written."""


def as_path(steps: Iterable[Step]) -> str:
    """Write *steps* as in ``routes[0].to``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def nearest_key(model: type[BaseModel], raw: object, found: Found) -> str | None:
    """Return the known key that is most similar to an unknown one, or None."""
    return nearest(str(found.steps[-1]), known_keys(model, raw, found.steps[:-1])) if found.steps else None


def sentence(model: type[BaseModel], raw: object, group: Sequence[Found]) -> str:
    """Return one sentence for all errors of one value; a value with several allowed types has an error for each."""
    own = [each for each in group if each.error["type"] == "value_error"]
    first = (own or group)[0]
    if first.error["type"] == "extra_forbidden":
        near = nearest_key(model, raw, first)
        if near is not None:
            return f"is not a known key; did you mean `{near}`?"
        homes = " or ".join(homes_of(model, str(first.steps[-1])))
        return f"is not a known key here; it belongs to {homes}" if homes else MENDS["extra_forbidden"]
    wanted = list(dict.fromkeys(wanted for each in group if (wanted := _wanted(each)) is not None))
    if not own and len(wanted) > 1:
        return _several_types_sentence(wanted, first)
    if first.error["type"] in WANTED:
        return _type_sentence(WANTED[first.error["type"]], first)
    by_type = BY_TYPE.get(first.error["type"])
    return by_type(first) if by_type else MENDS.get(first.error["type"], OTHERWISE)


def _several_types_sentence(wanted: Sequence[str], found: Found) -> str:
    fitting, given = " or ".join(wanted), found.error["input"]
    if given is None:
        return f"is empty; write {fitting}"
    if TEXT in wanted and not isinstance(given, str | dict | list):
        return f'must be {fitting}; put a text in quotes: "{_as_written(found)}"'
    return f"must be {fitting}"


def _wanted(found: Found) -> str | None:
    if found.error["type"] in ("literal_error", "enum"):
        return " or ".join(f"`{each}`" for each in _choices(found, "expected"))
    return WANTED.get(found.error["type"])


def _type_sentence(wanted: str, found: Found) -> str:
    given = found.error["input"]
    if isinstance(given, Unquoted):  # a value from the environment may be a secret, so it is not shown
        return f"must be {wanted}, but {_shown(found.text or '${...}')} is not"
    if given is None:
        return f"is empty; write {wanted}"
    if isinstance(given, dict | list):
        return f"must be {wanted}, not {'a list' if isinstance(given, list) else 'a mapping'}; {_other_shape(wanted)}"
    by_shape = {
        LIST: f"must be a list; write `[{_as_written(found)}]`",
        TEXT: f'must be a text; put it in quotes: "{_as_written(found)}"',
        MAPPING: f"must be {MAPPING}; write its keys below it, indented further",
    }
    return by_shape.get(wanted) or _number_or_flag(wanted, found)


def _other_shape(wanted: str) -> str:
    return {
        LIST: "begin each entry with `- `",
        MAPPING: "give each entry a key in place of `- `",
    }.get(wanted, "write one value")


def _number_or_flag(wanted: str, found: Found) -> str:
    given, text = found.error["input"], _as_written(found)
    if isinstance(given, bool):
        return f"must be {wanted}; YAML reads {_shown(text)} as {str(given).lower()}"
    if isinstance(given, str) and (_is_number(given) if wanted != FLAG else given in ("true", "false")):
        return f"must be {wanted}, not a text; remove the quotes: {given}"
    if isinstance(given, date):
        return f"must be {wanted}; YAML reads {_shown(text)} as a date"
    return f"must be {wanted}, but {_shown(text)} is not"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]+)?", text) is not None


def _as_written(found: Found) -> str:
    given = found.error["input"]
    return found.text if found.text is not None else str(given).lower() if isinstance(given, bool) else str(given)


def _shown(text: str) -> str:
    """Return what was written, shortened and printable."""
    shown = repr(text)
    return shown if len(shown) <= 42 else f"{shown[:40]}…{shown[-1]}"


def _choices(found: Found, key: str) -> list[str]:
    listed = str(found.error.get("ctx", {}).get(key, ""))
    return re.findall(r"'([^']*)'", listed) or re.findall(r"[^\s,]+", listed.replace(" or ", " "))


def _choice(found: Found) -> str:
    choices = _choices(found, "expected")
    given, text = found.error["input"], found.text
    if given is None:
        return f"is empty; use one of {', '.join(choices)}"
    if isinstance(given, dict | list):
        return f"must be one of {', '.join(choices)}, not {'a list' if isinstance(given, list) else 'a mapping'}"
    if not isinstance(given, str) and text in choices:
        return f'must be a text; put it in quotes: "{text}"'
    return _one_of(_as_written(found), choices)


def _one_of(given: str, choices: Sequence[str]) -> str:
    near = nearest(given, choices)
    meant = f"did you mean `{near}`? Possible are" if near else "use one of"
    return f"{_shown(given)} is not known; {meant} {', '.join(choices)}"


def _kind(found: Found) -> str:
    given = found.error.get("ctx", {}).get("tag", "")
    return _one_of(found.text if found.text is not None else str(given), _choices(found, "expected_tags"))


def _bound(words: str, key: str) -> Callable[[Found], str]:
    return lambda found: f"{words} {_number(found.error.get('ctx', {}).get(key))}"


def _number(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _too_short(found: Found) -> str:
    least = found.error.get("ctx", {}).get("min_length", 1)
    return "is empty; write a text" if least == 1 else f"is shorter than {least} characters; write more"


def _too_long(found: Found) -> str:
    return f"is longer than {found.error.get('ctx', {}).get('max_length')} characters; shorten it"


MENDS = {
    "extra_forbidden": "is not a known key; remove it or correct its spelling",
    "missing": "is missing; add it",
    "union_tag_not_found": "has no kind; add `kind:`",
    "too_short": "is empty; add at least one",
    "too_long": "has too many entries; remove some",
    "finite_number": "must be a finite number; write how many",
    "string_pattern_mismatch": "does not have the required form; see its row in docs/configuration.md",
    "invalid_key": "the key must be a text; put it in quotes",
}
BY_TYPE: Mapping[str, Callable[[Found], str]] = {
    "value_error": lambda found: found.error["msg"].removeprefix("Value error, "),
    "union_tag_invalid": _kind,
    "literal_error": _choice,
    "enum": _choice,
    "greater_than": _bound("is too small; it must be more than", "gt"),
    "greater_than_equal": _bound("is too small; the least is", "ge"),
    "less_than": _bound("is too large; it must be less than", "lt"),
    "less_than_equal": _bound("is too large; the most is", "le"),
    "string_too_short": _too_short,
    "string_too_long": _too_long,
}
