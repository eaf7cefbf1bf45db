"""The tree of edits mirrors the nesting of the data sets."""

from adapters.dicom.edits import Edits
from tests.adapters.dicom.instances import settings

SEQUENCE = 0x00400275


def edits(**given: object) -> Edits:
    """Return the edits of these settings."""
    return settings(**given).edits()


def test_items() -> None:
    """An item has the edits of every item and its own, which override them."""
    found = edits(
        set={"RequestAttributesSequence.AccessionNumber": "A", "RequestAttributesSequence[1].AccessionNumber": "B"},
        remove=["RequestAttributesSequence[1].PatientID"],
    )
    first, second = found.of_item(SEQUENCE, 0), found.of_item(SEQUENCE, 1)
    assert (b"A ", b"B ") == tuple(each.values[0x00080050].encode("<", ()) for each in (first, second))
    assert (set(), {0x00100020}) == (first.removed, second.removed)


def test_nested_items_are_merged() -> None:
    """Edits of every item and of one are merged at every depth."""
    found = edits(remove=["(0040,0275).(0008,1110).PatientID", "(0040,0275)[0].(0008,1110).PatientName"])
    assert {0x00100020, 0x00100010} == found.of_item(SEQUENCE, 0).of_item(0x00081110, 5).removed
    assert {0x00100020} == found.of_item(SEQUENCE, 1).of_item(0x00081110, 5).removed


def test_removed_in_one_item_and_set_in_every() -> None:
    """An element that is removed in an item is not set there."""
    found = edits(set={"(0040,0275).PatientID": "A"}, remove=["(0040,0275)[0].PatientID"])
    assert {} == found.of_item(SEQUENCE, 0).values


def test_private() -> None:
    """Whether private elements stay holds for every item."""
    found = edits(keep_private=False)
    assert not found.of_item(SEQUENCE, 3).keep_private
    assert 0xFFFFFFFF == found.last
    assert not found.is_empty


def test_nothing() -> None:
    """Settings without edits change nothing."""
    assert edits().is_empty
    assert -1 == edits().last


def test_last() -> None:
    """The last tag that may change is known, and so are the groups."""
    found = edits(remove=["PatientID", "(0040,0275).PatientID", '(0043,"A",10)'])
    assert 0x0043FFFF == found.last
    assert {0x0010, 0x0040, 0x0043} == found.groups
