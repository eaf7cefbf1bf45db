"""Elements that are set are written in the order of their tags."""

import struct

from adapters.dicom.encoding import EXPLICIT_LITTLE, Header
from adapters.dicom.scope import Scope
from adapters.dicom.writer import Writer
from tests.adapters.dicom.instances import element, settings

SET = {"PatientID": "A1", "Modality": "CT", "Rows": 5}
MODALITY = element(0x00080060, "CS", b"CT")
PATIENT = element(0x00100020, "LO", b"A1")
ROWS = element(0x00280010, "US", b"\5\0")


def test_order() -> None:
    """A new element is written before the first one with a higher tag, the rest at the end."""
    edits = settings(set=SET).edits()
    writer, scope = Writer(edits.last, None), Scope(edits, EXPLICIT_LITTLE, 0, ())
    writer.before(scope, 0x00100021)
    assert MODALITY + PATIENT == writer.output.drain()
    writer.before(scope, 0x00100040)
    assert b"" == writer.output.drain()
    writer.finish(scope)
    assert (ROWS, 3) == (writer.output.drain(), writer.changes)


def test_group() -> None:
    """A group is held back until another one begins; its length counts what was added."""
    edits = settings(set=SET).edits()
    writer, scope = Writer(edits.last, None), Scope(edits, EXPLICIT_LITTLE, 0, ())
    writer.before(scope, 0x00100000)
    writer.output.drain()
    writer.source.feed(struct.pack("<L", 99))
    raw = element(0x00100000, "UL", b"", 4)
    assert [] == list(writer.group_length(scope, Header(0x00100000, b"UL", 4, raw)))
    writer.before(scope, 0x00100030)
    assert b"" == writer.output.drain()
    writer.before(scope, 0x00200010)
    assert raw + struct.pack("<L", len(PATIENT)) + PATIENT == writer.output.drain()


def test_groups_that_change() -> None:
    """Only groups that an edit names can change, or all of them."""
    for asked, group, concerned in (
        ({"set": SET}, 0x0010, True),
        ({"set": SET}, 0x0020, False),
        ({"keep_private": False}, 0x0020, True),
    ):
        edits = settings(**asked).edits()
        assert concerned == Writer(edits.last, None).concerns(Scope(edits, EXPLICIT_LITTLE, 0, ()), group)
