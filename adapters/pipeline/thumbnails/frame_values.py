"""What a header says of one frame: at its top level, or in the functional groups of an enhanced object."""

from collections.abc import Iterator
from typing import Any

GROUPS = (
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
    "FrameVOILUTSequence",
)
"""Functional groups that say how a frame looks (PS3.3 C.7.6.16.2.1, .9, .10)."""


class FrameValues:
    """The elements that count for one frame: its own group first, then the shared one, then the top level."""

    def __init__(self, header: Any, number: int) -> None:
        self._items = [*_items(header, number), header]

    def get(self, keyword: str) -> Any:
        """Return the value of an element; None if it is missing or empty."""
        for item in self._items:
            value = item.get(keyword)
            if value is not None and not _is_empty(value):
                return value
        return None

    def number(self, keyword: str) -> float | None:
        """Return the first value as a finite number; None if there is none."""
        value = self.get(keyword)
        try:
            found = float(value[0] if _is_list(value) else value)
        except (TypeError, ValueError):
            return None
        return found if abs(found) < float("inf") else None

    def numbers(self, keyword: str, count: int) -> list[float] | None:
        """Return all values, which must be *count* positive numbers; None otherwise."""
        value = self.get(keyword)
        try:
            found = [float(each) for each in value]
        except (TypeError, ValueError):
            return None
        is_usual = len(found) == count and all(0 < each < float("inf") for each in found)
        return found if is_usual else None


def _items(header: Any, number: int) -> Iterator[Any]:
    per_frame = header.get("PerFrameFunctionalGroupsSequence") or ()
    shared = header.get("SharedFunctionalGroupsSequence") or ()
    for groups in (per_frame[number : number + 1], shared[:1]):
        for item in groups:
            for keyword in GROUPS:
                yield from (item.get(keyword) or ())[:1]


def _is_list(value: Any) -> bool:
    return not isinstance(value, str | bytes) and hasattr(value, "__len__")


def _is_empty(value: Any) -> bool:
    return (isinstance(value, str | bytes) or _is_list(value)) and len(value) == 0
