"""Former values are kept in (0400,0561), which pydicom reads, in every encoding (PS3.3 C.12.1.1.9)."""

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from adapters.dicom.encoding import Malformed
from tests.adapters.dicom.instances import SYNTAXES, edit, element, item, part10, plain, read, written

DATE = {"StudyDate": "20240229"}


def instance(**values: Any) -> Dataset:
    """Return a data set."""
    made = Dataset()
    made.SOPInstanceUID, made.PatientID, made.StationName = "1.2.3", "OLD", "CT"
    made.PixelData = bytes(100)
    made["PixelData"].VR = "OW"
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def kept(made: Dataset, syntax: str, **asked: Any) -> Dataset:
    """Return the edited instance, after checking that the result does not depend on the cuts."""
    file = written(made, syntax)
    result = edit(file, [3, 50], original_attributes=True, **asked)
    assert result == edit(file, original_attributes=True, **asked)
    return read(result)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_item(syntax: str) -> None:
    """The item has the former values, the modifying system, the reason and the time."""
    result = kept(instance(**DATE, StudyTime="101500"), syntax, set={"PatientID": "NEW"}, remove=["StationName"])
    (found,) = result.OriginalAttributesSequence
    (former,) = found.ModifiedAttributesSequence
    assert ("OLD", "CT", 2) == (former.PatientID, former.StationName, len(former))
    assert ("Hilum", "COERCE", "") == (
        found.ModifyingSystem,
        found.ReasonForTheAttributeModification,
        found.SourceOfPreviousValues,
    )
    assert "20240229101500" == found.AttributeModificationDateTime
    assert "NEW" == result.PatientID


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("undefined", [True, False])
def test_item_is_added(syntax: str, undefined: bool) -> None:
    """Existing items stay, before the new one."""
    earlier = Dataset()
    earlier.ModifyingSystem = "OTHER"
    made = instance(OriginalAttributesSequence=Items([earlier]))
    made["OriginalAttributesSequence"].is_undefined_length = undefined
    result = kept(made, syntax, set={"PatientID": "NEW"})
    assert ["OTHER", "Hilum"] == [each.ModifyingSystem for each in result.OriginalAttributesSequence]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_follows_the_sequence(syntax: str) -> None:
    """An element with a higher tag than (0400,0561) is kept as well."""
    made = instance(FilmConsumptionSequence=[], AnnotationPosition=5)
    result = kept(made, syntax, set={"AnnotationPosition": 6})
    assert 6 == result.AnnotationPosition
    assert 5 == result.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].AnnotationPosition


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_element_of_items(syntax: str) -> None:
    """Where an element of items is changed, the whole former sequence is kept."""
    request = Dataset()
    request.AccessionNumber, request.ReasonForTheRequestedProcedure = "OLD", "WHY"
    made = instance(RequestAttributesSequence=Items([request]))
    result = kept(made, syntax, set={"RequestAttributesSequence.AccessionNumber": "NEW"})
    (former,) = result.OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert [request] == list(former.RequestAttributesSequence)
    assert "NEW" == result.RequestAttributesSequence[0].AccessionNumber


def test_private_element() -> None:
    """A private element is kept with its creator."""
    made = instance()
    made.private_block(0x0009, "ACME", create=True).add_new(0x01, "LO", "OLD")
    result = kept(made, SYNTAXES[1], remove=['(0009,"ACME",01)'])
    (former,) = result.OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert "OLD" == former.get_private_item(0x0009, 0x01, "ACME").value


@pytest.mark.parametrize(
    "asked", [{"set": {"PatientID": "OLD"}}, {"set": {"PatientSize": "1"}}, {"remove": ["(0008,9999)"]}]
)
def test_nothing_former(asked: dict[str, Any]) -> None:
    """Where nothing was changed or removed, there is no item."""
    assert "OriginalAttributesSequence" not in kept(instance(), SYNTAXES[1], **asked)


GROUP = element(0x04000010, "US", b"\1\0")
PATIENT = element(0x00100020, "LO", b"ID")
GROUP_2010 = element(0x20100010, "ST", b"")
PRESENT = element(0x04000561, "SQ", item(element(0x04000563, "LO", b"OTHER ")))
LENGTH = element(0x04000000, "UL", b"\x0a\0\0\0")


def test_group_length() -> None:
    """The group keeps its length while it stays as it is, and else goes without (PS3.5 7.2)."""
    before = element(0x00100020, "LO", b"ID") + LENGTH + GROUP + PRESENT
    same = plain(edit(part10(before), [7], set={"PatientID": "ID"}, original_attributes=True))
    assert before == same
    changed = plain(edit(part10(before), [7], set={"PatientID": "X"}, original_attributes=True))
    assert changed.startswith(element(0x00100020, "LO", b"X ") + GROUP + PRESENT[:8])


DATES = {
    "the first of them": ({"InstanceCreationDate": "20200101", "StudyDate": "20190101"}, "20200101"),
    "a date and time": ({"AcquisitionDateTime": "20200101101500.5+0100"}, "20200101101500.5+0100"),
    "a time that is none": ({"SeriesDate": "20200101", "SeriesTime": "99"}, "20200101"),
    "a day that is none": ({"SeriesDate": "20201301", "StudyDate": "20190101"}, "20190101"),
    "none at all": ({}, "19000101"),
}


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(("dates", "expected"), DATES.values(), ids=DATES)
def test_moment(dates: dict[str, str], expected: str) -> None:
    """The time of the change comes from the instance, so that the same instance always gives the same octets."""
    result = kept(instance(**dates), SYNTAXES[1], set={"PatientID": "NEW"})
    assert expected == result.OriginalAttributesSequence[0].AttributeModificationDateTime


ODD = {
    "twice": (PATIENT + PRESENT + PRESENT, r"occurs twice, or after"),
    "of unknown representation": (
        PATIENT + element(0x04000561, "UN", b""),
        r"\(0400,0561\) is no sequence",
    ),
    "behind the sequence, and of a lower tag": (
        PRESENT + GROUP_2010 + PATIENT,
        "occurs twice",
    ),
    "too large together": (
        element(0x00100020, "LO", b"ID")
        + element(0x00104000, "UT", bytes(3 << 20))
        + element(0x00204000, "UT", bytes(3 << 20)),
        "more than 4 MiB",
    ),
}


@pytest.mark.parametrize(("data_set", "reason"), ODD.values(), ids=ODD)
def test_odd(data_set: bytes, reason: str) -> None:
    """Where former values cannot be kept, the instance is refused."""
    with pytest.raises(Malformed, match=reason):
        edit(part10(data_set), original_attributes=True, remove=["PatientID", "(0010,4000)", "(0020,4000)"])


def test_too_large() -> None:
    """An instance with too large former values, or with too much data after the sequence, is refused."""
    behind = element(0x54000100, "UT", bytes(5 << 20))
    for data_set, path in ((element(0x00104000, "UT", bytes(5 << 20)), "(0010,4000)"), (behind, "(5500,0010)")):
        with pytest.raises(Malformed, match="original_attributes: false"):
            edit(part10(data_set), [100_000], original_attributes=True, remove=[path])
