"""A run of elements that no edit concerns ends before the first one that an edit may concern."""

from typing import Any

import pytest

from adapters.dicom.encoding import EXPLICIT_LITTLE, UNDEFINED
from adapters.dicom.plain import Plain
from tests.adapters.dicom.instances import element, item, settings

RUN = element(0x00080060, "CS", b"CT") + element(0x00090010, "LO", b"ACME") + element(0x00100010, "PN", b"A^B ")
PATIENT = element(0x00100020, "LO", b"ID")
SEQUENCE = element(0x00400275, "SQ", item(PATIENT))
ENDS: dict[str, tuple[dict[str, Any], bytes]] = {
    "what is set": ({"set": {"PatientID": "A"}}, PATIENT),
    "what is removed": ({"remove": ["PatientID"]}, PATIENT),
    "a sequence with edits": ({"remove": ["RequestAttributesSequence.PatientID"]}, SEQUENCE),
    "a group length": ({}, element(0x00100000, "UL", bytes(4))),
    "the character set": ({}, element(0x00080005, "CS", b"")),
    "a date": ({}, element(0x00080020, "DA", b"")),
    "the place of former values": ({}, element(0x04000561, "SQ", b"")),
    "a private element that is asked for": ({"remove": ['(0011,"ACME",01)']}, element(0x00111001, "LO", b"")),
    "an undefined length": ({}, element(0x00400275, "SQ", b"", UNDEFINED)),
    "the pixel data": ({}, element(0x7FE00010, "OW", b"")),
    "an item": ({}, item(b"")),
    "a representation to come": ({}, element(0x00100020, "ZZ", b"\0\0\0\0")),
    "a value that is cut": ({}, element(0x00100020, "LO", b"ID", 20)),
    "a header that is cut": ({}, PATIENT[:6]),
}


def end_of(octets: bytes, asked: dict[str, Any], limit: int = UNDEFINED, group: int | None = None) -> int:
    """Return where the run ends."""
    return Plain(settings(**asked).edits(), EXPLICIT_LITTLE).end(bytearray(octets), 0, limit, group)


@pytest.mark.parametrize(("asked", "end"), ENDS.values(), ids=ENDS)
def test_end(asked: dict[str, Any], end: bytes) -> None:
    """The run ends before an element that has to be read."""
    assert len(RUN) == end_of(RUN + end + bytes(4 if len(end) == 8 else 0), asked)


def test_all() -> None:
    """Without edits the run has all elements, even sequences."""
    assert len(RUN + PATIENT + SEQUENCE) == end_of(RUN + PATIENT + SEQUENCE, {})


@pytest.mark.parametrize("element_", [element(0x00090010, "LO", b"ACME"), SEQUENCE, element(0x00100020, "UN", b"")])
def test_private_elements_are_removed(element_: bytes) -> None:
    """With keep_private: false, the run ends before elements that are, or may hold, private ones."""
    modality = element(0x00080060, "CS", b"CT")
    assert len(modality) == end_of(modality + element_, {"keep_private": False})


def test_limits() -> None:
    """A run ends before a tag to be set, and at the end of a group that is held back."""
    assert len(RUN) == end_of(RUN + PATIENT, {}, limit=0x00100020)
    assert 10 == end_of(RUN + PATIENT, {}, group=0x0008)
