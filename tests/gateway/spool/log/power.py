"""A disk for the tests of the intake log that loses what is not on stable storage, in the worst order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 64
"""Octets that reach the disk together; small, so that a record has several."""


class Stopped(BaseException):
    """The machine stops here."""


@dataclass
class _File:
    content: bytearray
    """As processes see it."""
    kept: bytearray
    """What is on stable storage."""
    pending: set[int] = field(default_factory=set)
    """The sectors that are not."""


class PowerDisk:
    """Stops at the call number *stop*; then :meth:`after` says what is found."""

    def __init__(self, stop: int) -> None:
        self._left = stop
        self._files: list[_File] = []
        self._names: dict[int, int] = {}
        """Number of the segment to place in the list of files, as processes see it."""
        self._journal: list[dict[int, int]] = [{}]
        """The same after each change of a name; the first one is on stable storage."""

    def create(self, path: Path, size: int) -> int:
        """Make a file whose zeros are on stable storage, its name not yet."""
        self._call()
        self._files.append(_File(bytearray(size), bytearray(size)))
        self._rename({**self._names, int(path.name): len(self._files) - 1})
        return len(self._files) - 1

    def write(self, descriptor: int, octets: bytes, place: int) -> None:
        """Write; a process that is killed may have written the first half, in whole sectors."""
        half = max(0, (place + len(octets) // 2) // SECTOR * SECTOR - place)
        self._put(descriptor, octets[:half], place)
        self._call()
        self._put(descriptor, octets[half:], place + half)

    def sync(self, descriptor: int) -> None:
        """Have what was written on stable storage."""
        self._call()
        file = self._files[descriptor]
        file.kept, file.pending = bytearray(file.content), set()

    def sync_folder(self, _folder: Path) -> None:
        """Have the names on stable storage."""
        self._call()
        self._journal = [self._names]

    def close(self, descriptor: int) -> None:
        """Do nothing."""

    def rename(self, path: Path, new: Path) -> None:
        """Give a file another name."""
        self._call()
        names = dict(self._names)
        names[int(new.name)] = names.pop(int(path.name))
        self._rename(names)

    def remove(self, path: Path) -> None:
        """Remove a name."""
        self._call()
        self._rename({number: file for number, file in self._names.items() if number != int(path.name)})

    def after_kill(self) -> dict[int, bytes]:
        """Return the segments that the next process finds: all that was written."""
        return {number: bytes(self._files[file].content) for number, file in self._names.items()}

    def after_power_failure(self, choose: Callable[[int], int]) -> dict[int, bytes]:
        """Return those on stable storage: *choose* one of so many possibilities, for names and for each sector."""
        names = self._journal[choose(len(self._journal))]
        return {number: self._remains_of(self._files[file], choose) for number, file in names.items()}

    @staticmethod
    def _remains_of(file: _File, choose: Callable[[int], int]) -> bytes:
        found = bytearray(file.kept)
        for sector in sorted(file.pending):
            if choose(2):
                part = slice(sector * SECTOR, (sector + 1) * SECTOR)
                found[part] = file.content[part]
        return bytes(found)

    def _call(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Stopped

    def _put(self, descriptor: int, octets: bytes, place: int) -> None:
        file = self._files[descriptor]
        file.content[place : place + len(octets)] = octets
        file.pending |= set(range(place // SECTOR, (place + len(octets) + SECTOR - 1) // SECTOR))

    def _rename(self, names: dict[int, int]) -> None:
        self._names = names
        self._journal.append(names)
