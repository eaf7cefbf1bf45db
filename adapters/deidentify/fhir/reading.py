"""JSON in and out. A number keeps its digits: 4.10 is not 4.1 (R4 json.html, decimals)."""

import json
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, NoReturn

from adapters.deidentify.errors import HeldBackError

Json = dict[str, Any]
DEEPEST = 100
"""Most levels of objects and lists: definitions of R4 that contain themselves have no limit of their own."""
MOST_VALUES = 1_000_000
"""Most values of a resource or bundle: one with more would take many times its size in memory."""
NOT_JSON = "it is no JSON object in UTF-8"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    digits: str


def read(data: bytes) -> Json:
    """Return the object; raises HeldBackError if it cannot be read, or a name is twice in an object."""
    try:
        found = json.loads(
            data.decode(), object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_constant
        )
    except (ValueError, RecursionError):
        raise HeldBackError(NOT_JSON) from None
    if not isinstance(found, dict):
        raise HeldBackError(NOT_JSON)
    _limit(found)
    return found


def write(value: Any) -> bytes:
    """Return the JSON of an object; raises HeldBackError if a text has half of a surrogate pair."""
    try:
        return _text(value).encode()
    except UnicodeEncodeError:
        raise HeldBackError("a text in it cannot be written in UTF-8") from None


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Readers differ in which of the two they take: the one that was not looked at may be read.
        raise HeldBackError("a name is twice in one of its objects")
    return found


def _constant(_: str) -> NoReturn:
    raise ValueError


def _limit(tree: Json) -> None:
    level: list[Any] = [tree]
    count = 0
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
        count += len(level)
        if count > MOST_VALUES:
            raise HeldBackError("it has more than 1,000,000 values")
        level = [each for each in level if isinstance(each, (dict, list))]
        if not level:
            return
    raise HeldBackError("it has more than 100 levels")


def _text(value: Any) -> str:
    match value:
        case str():
            return encode_basestring(value)
        case Number():
            return value.digits
        case dict():
            return "{" + ",".join(f"{encode_basestring(name)}:{_text(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_text, value)) + "]"
        case None:
            return "null"
        case _:
            return "true" if value else "false"
