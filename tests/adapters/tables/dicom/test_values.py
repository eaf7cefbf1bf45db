"""Values of each representation become what DICOM JSON has for them."""

import pytest

from adapters.tables.dicom.data_set import Element
from adapters.tables.dicom.values import DroppedError, OddValueError, element_of


def ascii_text(octets: bytes) -> str:
    """Decode text in the default character set."""
    return octets.decode("ascii")


@pytest.mark.parametrize(
    ("vr", "octets", "values"),
    [
        ("CS", b"A\\B ", ["A", "B"]),
        ("CS", b"  ", None),
        ("CS", b"\\ ", ["", ""]),
        ("AE", b" AE 1 ", ["AE 1"]),
        ("UI", b"1.2.3\0", ["1.2.3"]),
        ("LO", b" A \\B\0", [" A", "B"]),
        ("LT", b" a\\b  ", [" a\\b"]),
        ("UR", b"http://x/ ", ["http://x/"]),
        ("PN", b"A^B=C=D ", [{"Alphabetic": "A^B", "Ideographic": "C", "Phonetic": "D"}]),
        ("PN", b"A\\=B", [{"Alphabetic": "A"}, {"Alphabetic": "", "Ideographic": "B"}]),
        ("PN", b"^^", [{"Alphabetic": "^^"}]),
        ("PN", b"= ", None),
        ("US", b"\1\0\2\1", [1, 258]),
        ("SS", b"\xff\xff", [-1]),
        ("UL", b"\1\0\0\0", [1]),
        ("SV", b"\xff" * 8, [-1]),
        ("FL", b"\0\0\xc0\x3f", [1.5]),
        ("FD", b"\0\0\0\0\0\0\xf8\x3f", [1.5]),
        ("AT", b"\x10\0\x20\0\xe0\x7f\x10\0", ["00100020", "7FE00010"]),
        ("CS", b"", None),
        ("DS", b"", None),
    ],
)
def test_values(vr: str, octets: bytes, values: list[object] | None) -> None:
    """A value is what pydicom makes of it; one that is empty is not there."""
    expected: Element = {"vr": vr} if values is None else {"vr": vr, "Value": values}
    assert (expected, None) == element_of(vr, octets, "<", ascii_text)


@pytest.mark.parametrize(
    ("vr", "octets", "values", "texts"),
    [
        ("DS", b"1.50\\ -2e1 ", [1.5, -20.0], ["1.50", "-2e1"]),
        ("DS", b"0.12345678901234567", [0.12345678901234567], ["0.12345678901234567"]),
        ("IS", b"007\\ +8", [7, 8], ["007", "+8"]),
    ],
)
def test_written(vr: str, octets: bytes, values: list[object], texts: list[str]) -> None:
    """DS and IS have their digits besides their numbers."""
    assert ({"vr": vr, "Value": values}, texts) == element_of(vr, octets, "<", ascii_text)


def test_binary() -> None:
    """A short binary value is in the JSON, a longer one is bulk data. Big endian numbers are turned."""
    assert ({"vr": "OB", "InlineBinary": "AQI="}, None) == element_of("OB", b"\1\2", "<", ascii_text)
    assert ({"vr": "US", "Value": [1]}, None) == element_of("US", b"\0\1", ">", ascii_text)
    with pytest.raises(DroppedError):
        element_of("OB", bytes(769), "<", ascii_text)


@pytest.mark.parametrize(("vr", "octets"), [("FL", b"\0\0\x80\x7f"), ("DS", b"1e999"), ("PN", b"A\\\\B")])
def test_no_json(vr: str, octets: bytes) -> None:
    """Infinity, and an empty name among others, have no JSON."""
    with pytest.raises(DroppedError):
        element_of(vr, octets, "<", ascii_text)


@pytest.mark.parametrize(
    ("vr", "octets"),
    [("US", b"\1"), ("DS", b"x"), ("IS", b"1.0"), ("DS", b"1\\"), ("PN", b"\xfc"), ("XX", b"a"), ("XX", b"")],
)
def test_odd(vr: str, octets: bytes) -> None:
    """What pydicom would repair is left to pydicom."""
    with pytest.raises(OddValueError):
        element_of(vr, octets, "<", ascii_text)
