"""Values that an element cannot have are refused when the configuration is read."""

import struct
from typing import Any

import pytest

from adapters.dicom.dictionary import tag_of
from adapters.dicom.encoding import Malformed
from adapters.dicom.values import new_value

VALUES: dict[str, tuple[str, Any, bytes]] = {
    "AE": ("StationAETitle", "CT 1", b"CT 1"),
    "AS": ("PatientAge", "063Y", b"063Y"),
    "CS": ("Modality", "MR", b"MR"),
    "DA": ("StudyDate", "20240229", b"20240229"),
    "DS": ("PatientWeight", "70.5", b"70.5"),
    "DS as a number": ("PatientWeight", 70, b"70"),
    "DT": ("AcquisitionDateTime", "20240229101500.123+0100", b"20240229101500.123+0100 "),
    "IS": ("InstanceNumber", 12, b"12"),
    "LO": ("PatientID", "x" * 64, b"x" * 64),
    "LT": ("AdditionalPatientHistory", "a\\b\r\nc", b"a\\b\r\nc"),
    "PN": ("PatientName", "A^B=C=D", b"A^B=C=D "),
    "SH": ("AccessionNumber", "A 1", b"A 1 "),
    "TM": ("StudyTime", "101500.123456", b"101500.123456 "),
    "UC": ("LongCodeValue", "x" * 99, b"x" * 99 + b" "),
    "UI": ("StudyInstanceUID", "1.2.840.0", b"1.2.840.0\0"),
    "UR": ("RetrieveURL", "https://a/b", b"https://a/b "),
    "US": ("Rows", 513, struct.pack("<H", 513)),
    "FD": ("SelectorFDValue", [1, 2.5], struct.pack("<dd", 1, 2.5)),
    "several": ("OtherPatientIDs", ["A", "B"], b"A\\B "),
    "several with an empty one": ("ImageType", ["DERIVED", "", "X"], b"DERIVED\\\\X"),
    "none": ("PatientID", "", b""),
    "an empty list": ("ImageType", [], b""),
}
WRONG: dict[str, tuple[str, Any, str]] = {
    "AE too long": ("StationAETitle", "x" * 17, "AE takes at most 16 characters"),
    "AE of spaces": ("StationAETitle", "   ", "AE takes"),
    "AS": ("PatientAge", "63", "AS takes three digits"),
    "CS in lower case": ("Modality", "mr", "CS takes at most 16 upper case"),
    "a day that is none": ("StudyDate", "20230229", "DA takes a date"),
    "DS": ("PatientWeight", "heavy", "DS takes a number"),
    "DS too long": ("PatientWeight", 1 / 3, "DS takes a number of at most 16"),
    "DT": ("AcquisitionDateTime", "2024-02-29", "DT takes"),
    "IS": ("InstanceNumber", "2147483648", "IS takes"),
    "IS as a fraction": ("InstanceNumber", 1.5, "in quotes"),
    "LO too long": ("PatientID", "x" * 65, "LO takes at most 64"),
    "LO with a line": ("PatientID", "a\nb", "LO takes"),
    "LO as a number": ("PatientID", 123, "write 123 in quotes"),
    "two in one": ("OtherPatientIDs", "A\\B", "write several values as a list"),
    "PN": ("PatientName", "A=B=C=D", "PN takes up to three groups"),
    "PN too long": ("PatientName", "x" * 65, "PN takes"),
    "UI": ("StudyInstanceUID", "1.02.3", "UI takes a UID"),
    "UR": ("RetrieveURL", "a b", "UR takes"),
    "TM": ("StudyTime", "2460", "TM takes"),
    "US": ("Rows", 65536, "US takes 0 to 65,535"),
    "US as text": ("Rows", "5", "without quotes"),
    "US as a fraction": ("Rows", 1.5, "US takes numbers"),
    "too many": ("PatientID", ["A", "B"], r"takes 1 values, 2 are given"),
    "too few": ("ImagePositionPatient", ["1", "2"], "takes 3 values, 2 are given"),
    "a sequence": ("RequestAttributesSequence", "A", "a sequence cannot be set"),
    "octets": ("EncapsulatedDocument", "A", "representation OB cannot be set"),
    "US or SS": ("PixelPaddingValue", 5, "US or SS cannot be set"),
    "too much": ("OtherPatientIDs", ["x" * 64] * 1100, "65,534"),
}


def octets_of(keyword: str, given: Any, order: str = "<", charsets: tuple[str, ...] = ()) -> bytes:
    """Return the octets of a new value."""
    tag = tag_of(keyword)
    assert tag is not None
    return new_value(keyword, tag, given).encode(order, charsets)


@pytest.mark.parametrize(("keyword", "given", "octets"), VALUES.values(), ids=VALUES)
def test_value(keyword: str, given: Any, octets: bytes) -> None:
    """Text and numbers get the octets and the padding of their representation."""
    assert octets == octets_of(keyword, given)


@pytest.mark.parametrize(("keyword", "given", "reason"), WRONG.values(), ids=WRONG)
def test_no_value(keyword: str, given: Any, reason: str) -> None:
    """A value that its representation does not allow is refused with the path and the allowed form."""
    with pytest.raises(ValueError, match=reason) as raised:
        octets_of(keyword, given)
    assert str(raised.value).startswith(keyword)


def test_byte_order() -> None:
    """Numbers are written in the byte order of the data set."""
    assert b"\1\2" == octets_of("Rows", 258, ">")


def test_character_set() -> None:
    """Text is written in the character set of the data set; the reason for a refusal holds none of it."""
    assert "ü ".encode("latin-1") == octets_of("PatientID", "ü", charsets=("ISO_IR 100",))
    with pytest.raises(Malformed, match=r"^PatientID: ") as raised:
        octets_of("PatientID", "ü")
    assert "ü" not in str(raised.value)
