"""Paths in a message: ``PID-3[1].4.2`` is segment, field, repetition, component, subcomponent."""

import re
from dataclasses import dataclass

_PATH = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<occurrence>[0-9]+)\])?"
    r"(?:-(?P<field>[0-9]+)(?:\[(?P<repetition>[0-9]+)\])?"
    r"(?:\.(?P<component>[0-9]+)(?:\.(?P<subcomponent>[0-9]+))?)?)?"
)
_MOST = 999
"""The largest number in a path, so that a mistyped one does not fill the memory with delimiters."""
_OF_A_BATCH = ("FHS", "BHS", "BTS", "FTS")


@dataclass(frozen=True, slots=True)
class Path:
    """The path of a part of a message; a None was not written, and each operation defines what that means."""

    segment: str
    occurrence: int | None = None
    """The number of the segment among those with this name, from 1."""
    field: int | None = None
    repetition: int | None = None
    component: int | None = None
    subcomponent: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Read a path; raises ValueError with the reason and what to do."""
        found = _PATH.fullmatch(text)
        if found is None:
            raise ValueError("is not a path; write it as PID-3, PID-3.4, PID-3[2].4.1 or OBX[2]-5")
        segment = found["segment"]
        numbers = {name: int(value) for name, value in found.groupdict().items() if value and name != "segment"}
        if not all(1 <= number <= _MOST for number in numbers.values()):
            raise ValueError(f"has a number that is not between 1 and {_MOST}; HL7 counts from 1")
        if segment in _OF_A_BATCH:
            raise ValueError(f"names a segment of a batch ({segment}), which a message does not have; remove it")
        return cls(segment, **numbers)

    def __str__(self) -> str:
        text = self.segment + _index(self.occurrence)
        text += f"-{self.field}{_index(self.repetition)}" if self.field else ""
        text += f".{self.component}" if self.component else ""
        return text + (f".{self.subcomponent}" if self.subcomponent else "")


def field_path(text: str) -> Path:
    """Read the path of a field or of a part of one; raises ValueError."""
    path = Path.parse(text)
    if path.field is None:
        raise ValueError(f"names a whole segment; name a field of it, such as {path}-3")
    return path


def source_path(text: str) -> Path:
    """Read the path of a field, or of a part of one, that may be copied; raises ValueError."""
    path = field_path(text)
    if path.segment == "MSH" and path.field in (1, 2):
        raise ValueError("names the delimiters of the message (MSH-1, MSH-2), which are not text; name another field")
    return path


def target_path(text: str) -> Path:
    """Read the path of a field, or of a part of one, that may be changed; raises ValueError."""
    path = field_path(text)
    if path.segment == "MSH" and path.field in (1, 2):
        raise ValueError("cannot be edited: MSH-1 and MSH-2 name the delimiters of the whole message; remove it")
    if path.segment == "MSH" and path.field == 10:
        raise ValueError("cannot be edited: MSH-10 identifies the message in its acknowledgement; remove it")
    return path


def removed_path(text: str) -> Path:
    """Read the path of a field, a part of one, or a segment that may be removed; raises ValueError."""
    path = Path.parse(text)
    if path.field is not None:
        return target_path(text)
    if path.segment == "MSH":
        raise ValueError("cannot be removed: a message begins with MSH; name one of its fields")
    return path


def _index(number: int | None) -> str:
    return f"[{number}]" if number else ""
