"""Defined terms: padded to an even length, as real objects write them, and no others."""

import pytest
from pydicom.charset import python_encoding

from adapters.deidentify.dicom.terms import TERMS

CHARACTER_SET, MODALITY, PHOTOMETRIC = 0x00080005, 0x00080060, 0x00280004
RELATIONSHIP, VALUE_TYPE = 0x0040A010, 0x0040A040


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (CHARACTER_SET, b"ISO_IR 100"), (CHARACTER_SET, b"ISO 2022 IR 87"), (CHARACTER_SET, b"GB18030 "),
        (MODALITY, b"CT"), (MODALITY, b"RTSTRUCT"), (PHOTOMETRIC, b"MONOCHROME2 "), (PHOTOMETRIC, b"PALETTE COLOR "),
        (RELATIONSHIP, b"CONTAINS"), (RELATIONSHIP, b"HAS CONCEPT MOD "), (VALUE_TYPE, b"NUM "), (VALUE_TYPE, b"NUM"),
    ],
)  # fmt: skip
def test_term(tag: int, value: bytes) -> None:
    """A term of the standard is no identifier."""
    assert value in TERMS[tag]


@pytest.mark.parametrize("tag", TERMS)
@pytest.mark.parametrize("value", [b"MUSTERFRAU", b"ISO_IR 100\\MUSTERFRAU", b"CT MUSTERFRAU ", b"", b"CT\0"])
def test_no_term(tag: int, value: bytes) -> None:
    """Anything else is searched."""
    assert value not in TERMS[tag]


def test_every_character_set() -> None:
    """Each character set that pydicom reads is a term, but for a spelling that the standard does not have."""
    known = {each.encode() for each in python_encoding if each} - {b"ISO 2022 58", b"ISO 2022 GBK"}
    assert known <= TERMS[CHARACTER_SET]
