"""A path names one element, or is refused with a reason."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dicom.paths import Name, parse

PATHS = {
    "PatientID": [Name(0x00100020)],
    "(0010,0020)": [Name(0x00100020)],
    "00100020": [Name(0x00100020)],
    "(0009,10ff)": [Name(0x000910FF)],
    '(0009,"A. B]",10)': [Name(0x00090010, "A. B]")],
    "RequestAttributesSequence.AccessionNumber": [Name(0x00400275), Name(0x00080050)],
    "RequestAttributesSequence[*].AccessionNumber": [Name(0x00400275, has_index=True), Name(0x00080050)],
    "(0040,0275)[12].(0040,0008)[0].00080100": [
        Name(0x00400275, index=12, has_index=True),
        Name(0x00400008, index=0, has_index=True),
        Name(0x00080100),
    ],
    "(0009,1001).PatientID": [Name(0x00091001), Name(0x00100020)],
}
WRONG = {
    "": "is no path",
    "Patient ID": "Patient is no keyword",
    "PatientID.": "is no path",
    "(0010,002)": "is no path",
    "0010002": "is no path",
    "PatientKey": "PatientKey is no keyword of PS3.6",
    "PatientID.AccessionNumber": r"\(0010,0020\) is no sequence",
    "RequestAttributesSequence[0]": "ends with an item",
    "TransferSyntaxUID": "group 0002 is made by Hilum",
    "(0002,0010)": "group 0002 is made by Hilum",
    "PixelData": "pass as they are",
    "(7FE0,0008)": "pass as they are",
    "(0010,0000)": "Hilum updates group lengths",
    "SpecificCharacterSet": "it cannot be edited",
    "RequestAttributesSequence[0].SpecificCharacterSet": "it cannot be edited",
    "(FFFE,E000)": "group FFFE cannot",
    '(0010,"A",10)': "group 0010 is even",
    '(0009,"A",10).PatientID': "only the last element",
}


@pytest.mark.parametrize(("path", "names"), PATHS.items(), ids=PATHS)
def test_path(path: str, names: list[Name]) -> None:
    """Keywords and tags name elements, at any depth."""
    assert tuple(names) == parse(path)


@pytest.mark.parametrize(("path", "reason"), WRONG.items(), ids=WRONG)
def test_no_path(path: str, reason: str) -> None:
    """A path that names nothing, or nothing that can be edited, is refused with a reason."""
    with pytest.raises(ValueError, match=reason):
        parse(path)


@given(st.text('PatientID.[]*(0010,"A)Sequence ', max_size=30))
def test_any_text(path: str) -> None:
    """Any text is a path, or raises ValueError."""
    with contextlib.suppress(ValueError):
        assert parse(path)
