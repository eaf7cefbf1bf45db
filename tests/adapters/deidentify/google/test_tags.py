"""Elements by keyword and by tag."""

import pytest

from adapters.deidentify.google.tags import REQUIRED, is_private, named, tags_of


def test_names() -> None:
    """A keyword, a tag, and a tag as people write it."""
    assert tags_of(["PatientID", "00100010", "(0010,0030)", "MediaStorageSOPClassUID"], "x") == {
        0x00100020,
        0x00100010,
        0x00100030,
        0x00020002,
    }


@pytest.mark.parametrize("name", ["", "PatientIdd", "0010002", "0010-0020", "Patient ID"])
def test_unknown(name: str) -> None:
    """What is neither is a mistake with its place."""
    with pytest.raises(ValueError, match=r"list\[1\]: is neither a keyword of PS3.6 nor a tag; write it as PatientID"):
        tags_of(["PatientID", name], "list")


def test_others() -> None:
    """Private elements, and names for people."""
    assert is_private(0x00091001)
    assert not is_private(0x00100020)
    assert named([0x00100020, 0x00080018]) == "SOPInstanceUID, PatientID"
    assert len(REQUIRED) == 27
