"""Turns the octets of a fuzzer into choices, so that a small change of the octets is a small change of the case."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Source:
    """Choices first, payload last. An exhausted source gives zeros and nothing, and never raises."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether every octet has been used."""
        return self._at >= len(self._data)

    def octet(self) -> int:
        """Return one octet."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def choice(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return options[self.octet() % len(options)]

    def take(self) -> bytes:
        """Return up to 255 octets; how many is an octet itself."""
        size = self.octet()
        start, self._at = self._at, min(self._at + size, max(self._at, len(self._data)))
        return self._data[start : self._at]

    def sizes(self) -> bytes:
        """Return up to seven sizes of pieces, see :func:`cut`."""
        return bytes(self.octet() for _ in range(self.octet() % 8))

    def rest(self) -> bytes:
        """Return what is left."""
        start, self._at = self._at, max(self._at, len(self._data))
        return self._data[start:]


def cut(wire: bytes, sizes: bytes) -> Iterator[bytes]:
    """Yield *wire* in pieces as TCP may cut it: of *sizes*, over and over; single octets where there are none."""
    at, turn = 0, 0
    while at < len(wire):
        size = (sizes[turn % len(sizes)] if sizes else 0) + 1
        yield wire[at : at + size]
        at, turn = at + size, turn + 1
