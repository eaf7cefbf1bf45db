"""Which elements are removed or set."""

import pytest

from adapters.dicom.encoding import EXPLICIT_LITTLE, Header
from adapters.dicom.scope import Scope
from tests.adapters.dicom.instances import settings

CREATOR = {0x00090010: "ACME"}


@pytest.mark.parametrize(
    ("asked", "tag", "removed"),
    [
        ({"remove": ["PatientID"]}, 0x00100020, True),
        ({"remove": ["PatientID"]}, 0x00100021, False),
        ({"remove": ['(0009,"ACME",01)']}, 0x00091001, True),
        ({"remove": ['(0009,"ACME",01)']}, 0x00091101, False),
        ({"remove": ['(0009,"OTHER",01)']}, 0x00091001, False),
        ({"remove": ["(0009,1101)"]}, 0x00091101, True),
        ({"keep_private": False}, 0x00090010, True),
        ({"keep_private": False}, 0x00100010, False),
    ],
)
def test_removes(asked: dict[str, object], tag: int, removed: bool) -> None:
    """An element is removed by its tag, by creator and octet, or because it is private."""
    scope = Scope(settings(**asked).edits(), EXPLICIT_LITTLE, 0, (), dict(CREATOR))
    assert removed == scope.removes(Header(tag, b"LO", 0, b""))


def test_pending() -> None:
    """Elements to be set come in the order of their tags."""
    scope = Scope(settings(set={"PatientID": "A", "Modality": "CT"}).edits(), EXPLICIT_LITTLE, 0, ())
    assert [0x00080060, 0x00100020] == [scope.pending.pop(), scope.pending.pop()]
