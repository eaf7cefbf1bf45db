"""Whether a data set names the instance of its command."""

from collections.abc import Iterable
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dicom.subject import BIG_ENDIAN, DEFLATED, IMPLICIT
from adapters.dimse.naming import MOST, Naming
from tests.adapters.dimse.raw_peer import EXPLICIT

UID = "1.2.30"


def explicit(element: int, vr: bytes, value: bytes, order: str = "<") -> bytes:
    """Return an element of group 0008."""
    return pack(f"{order}HH2sH", 8, element, vr, len(value)) + value


def implicit(element: int, value: bytes) -> bytes:
    """Return an element of group 0008, without its representation."""
    return pack("<HHL", 8, element, len(value)) + value


def padded(uid: str) -> bytes:
    """Return *uid* as PS3.5 9.1 pads it."""
    return uid.encode() + b"\0" * (len(uid) % 2)


FRONT = explicit(5, b"CS", b"ISO_IR 100") + explicit(0x16, b"UI", padded("1.2.840.10008.5.1.4.1.1.2"))
REST = explicit(0x20, b"DA", b"20240501") + bytes(100)
LONG_SEQUENCE = pack("<HH2sxxL", 8, 6, b"SQ", MOST) + bytes(MOST)
OPEN_SEQUENCE = pack("<HH2sxxL", 8, 6, b"SQ", 0xFFFFFFFF) + bytes(8)


def named(uid: str) -> bytes:
    """Return an instance."""
    return FRONT + explicit(0x18, b"UI", padded(uid)) + REST


DATA_SETS: dict[str, tuple[str, bytes, bool]] = {
    "the same": (EXPLICIT, named(UID), False),
    "the same, padded with a blank": (EXPLICIT, FRONT + explicit(0x18, b"UI", b"1.2.30  ") + REST, False),
    "the same, implicit": (IMPLICIT, implicit(5, b"X ") + implicit(0x18, b"1.2.30") + REST, False),
    "another": (EXPLICIT, named("1.2.31"), True),
    "leading zeros": (EXPLICIT, named("1.02.30"), True),
    "a longer one": (EXPLICIT, named("1.2.30.1"), True),
    "no UID": (EXPLICIT, named("DOE^JOHN"), True),
    "another, implicit": (IMPLICIT, implicit(5, b"X ") + implicit(0x18, b"1.2.31") + REST, True),
    "another, big endian": (BIG_ENDIAN, explicit(0x18, b"UI", b"1.2.31", ">") + REST, True),
    "another, after a group length": (EXPLICIT, explicit(0, b"UL", bytes(4)) + named("1.2.31"), True),
    "another, the last element": (EXPLICIT, FRONT + explicit(0x18, b"UI", b"1.2.31"), True),
    "none": (EXPLICIT, FRONT + REST, False),
    "an empty one": (EXPLICIT, FRONT + explicit(0x18, b"UI", b"") + REST, False),
    "deflated": (DEFLATED, named("1.2.31"), False),
    "behind more than is searched": (EXPLICIT, LONG_SEQUENCE + named("1.2.31"), False),
    "behind a sequence of undefined length": (EXPLICIT, OPEN_SEQUENCE + named("1.2.31"), False),
    "no DICOM": (EXPLICIT, b"hello, world" * 10, False),
    "nothing": (EXPLICIT, b"", False),
}
"""Transfer syntax, data set, and whether it is another instance than UID."""


def cut(data: bytes, size: int) -> Iterable[memoryview]:
    """Return *data* in fragments."""
    return [memoryview(data)[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize(("syntax", "data", "expected"), DATA_SETS.values(), ids=DATA_SETS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_naming(syntax: str, data: bytes, expected: bool, size: int) -> None:
    """Another UID is noticed once, however the data set is cut; what cannot be read is let through."""
    naming = Naming(UID, syntax)
    assert [True] * expected == [True for fragment in cut(data, size) if naming.is_another(fragment)]


@given(st.binary(max_size=300), st.sampled_from([EXPLICIT, IMPLICIT, BIG_ENDIAN]), st.integers(1, 20))
def test_never_raises(data: bytes, syntax: str, size: int) -> None:
    """Any octets are read without an error."""
    naming = Naming(UID, syntax)
    for fragment in cut(data, size):
        naming.is_another(fragment)
