"""Numbers of a patient that stand as binary numbers, where no search for text sees them."""

from collections.abc import Collection, Iterator, Mapping
from struct import calcsize, error, iter_unpack, pack, unpack
from typing import Any

LEAST = 100_000
"""A smaller number may be a measurement by chance."""
FORMS: Mapping[bytes, str] = {b"UL": "<L", b"SL": "<l", b"UV": "<Q", b"SV": "<q", b"FL": "<f", b"FD": "<d"}
TAG = b"AT"


class BinaryNumbers:
    """The numbers of one object, as they are written in elements of numbers."""

    def __init__(self, numbers: Collection[int]) -> None:
        self._numbers = [each for each in numbers if each >= LEAST]
        self._values: dict[bytes, frozenset[float]] = {}
        """By representation, made when it is first met."""
        self._tags = frozenset(number for number in map(str, self._numbers) if len(number) <= 8)

    def is_in(self, vr: bytes, value: bytes) -> bool:
        """Whether a value of one of these representations is one of the numbers; of a tag, its digits as written."""
        if vr == TAG:
            found = {f"{group:04x}{number:04x}".lstrip("0") for group, number in _units("<HH", value)}
            return not self._tags.isdisjoint(found)
        form = FORMS.get(vr)
        if form is None:
            return False
        wanted = self._values.get(vr)
        if wanted is None:
            wanted = self._values[vr] = frozenset(each for number in self._numbers for each in _written(number, form))
        return bool(wanted) and not wanted.isdisjoint(each for (each,) in _units(form, value))


def _units(form: str, value: bytes) -> Iterator[tuple[Any, ...]]:
    """Return the numbers of a value; octets at its end that are no whole number are left out."""
    return iter_unpack(form, value[: len(value) - len(value) % calcsize(form)])


def _written(number: int, form: str) -> tuple[float, ...]:
    """Return a number as this form can hold it, and nothing if it is too large."""
    try:
        found: tuple[float, ...] = unpack(form, pack(form, number))
    except (error, OverflowError):
        return ()
    return found
