"""Writes single values of the configuration as text."""

from collections.abc import Iterable, Set
from enum import Enum

from pydantic import BaseModel

NOTHING = "none"


def is_single(value: object) -> bool:
    """Whether *value* is shown in one row: no group, and no list of groups or lists."""
    if isinstance(value, (list, tuple, Set)):
        return not any(isinstance(each, (BaseModel, dict, list, tuple, Set)) for each in value)
    return not isinstance(value, (BaseModel, dict)) or value == {}


def parts_of(value: object) -> list[object]:
    """Return the elements of a list in the order in which they are shown; of another value the value itself."""
    if isinstance(value, Set):
        return sorted(value, key=str)
    return list(value) if isinstance(value, (list, tuple)) else [value]


def as_text(value: object) -> str:
    """Return how one element is written in the configuration."""
    if value is None or value == {}:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value.value if isinstance(value, Enum) else value) or '""'


def joined(texts: Iterable[str]) -> str:
    """Return the elements of a list as one text."""
    return ", ".join(texts) or NOTHING
