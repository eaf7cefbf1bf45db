"""Parts of a field: taken, put, changed and removed."""

import pytest

from adapters.hl7.editing.parts import Parts
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import NotEditable
from adapters.hl7.editing.segments import Segments, open_message


def parts(header: bytes = b"MSH|^~\\&|A\r") -> Parts:
    """Return the parts of a message with this header."""
    message = open_message(header)
    assert isinstance(message, Segments)
    return Parts(message)


FIELD = b"a^b&c~d&e^f"
TAKEN = {
    "PID-3": (b"a^b&c", b"a"),
    "PID-3[2]": (b"d&e^f", b"d"),
    "PID-3[3]": (b"", b""),
    "PID-3.2": (b"b&c", b"b"),
    "PID-3.3": (b"", b""),
    "PID-3.2.2": (b"c", b"c"),
    "PID-3[2].1.1": (b"d", b"d"),
}


@pytest.mark.parametrize(("path", "taken", "first"), [(path, *both) for path, both in TAKEN.items()])
def test_take(path: str, taken: bytes, first: bytes) -> None:
    """A part is taken as it is, or the first text in it."""
    assert taken == parts().take(FIELD, Path.parse(path))
    assert first == parts().first_text(FIELD, Path.parse(path))


FITS = {
    "PID-3": (b"a^b&c", True),
    "PID-3[2]": (b"a~b", False),
    "PID-3.1": (b"a&b", True),
    "PID-3.2": (b"a^b", False),
    "PID-3.2.1": (b"a&b", False),
    "PID-3.2.2": (b"a\\T\\b", True),
}


@pytest.mark.parametrize(("path", "value", "fits"), [(path, *both) for path, both in FITS.items()])
def test_fits(path: str, value: bytes, *, fits: bool) -> None:
    """A component has no room for components, a subcomponent for nothing that has parts."""
    assert fits == parts().fits(value, Path.parse(path))


def test_no_delimiter() -> None:
    """Without a delimiter of subcomponents a component is its first one, and has no second one."""
    without = parts(b"MSH|^~\\|A\r")
    assert b"x" == without.put(b"a", Path.parse("PID-3.1.1"), b"x")
    assert b"" == without.take(b"a", Path.parse("PID-3.1.2"))
    assert b"a" == without.put(b"a", Path.parse("PID-3.1.2"), b"")
    with pytest.raises(NotEditable):
        without.put(b"a", Path.parse("PID-3.1.2"), b"x")


def test_too_many_parts() -> None:
    """A field with more than a million parts is not split."""
    with pytest.raises(NotEditable):
        parts().take(b"~" * 1_000_001, Path.parse("PID-3[2]"))


def test_change() -> None:
    """All texts are changed, or the first of each part; empty ones stay."""
    path = Path.parse("PID-3")
    assert b"A^B&C~D&E^F~^" == parts().change(FIELD + b"~^", path, bytes.upper)
    assert b"A^b&c~D&e^f~^" == parts().change(FIELD + b"~^", path, bytes.upper, first=True)
