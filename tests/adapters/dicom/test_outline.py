"""The outline of an instance names its elements and shows no value."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from adapters.dicom.outline import outline
from gateway.contract.outline import Part
from tests.phi.canaries import CANARY, canary_instance
from tests.phi.finder import dicom_values, leaks

INSTANCE = canary_instance("1.2.826.0.1.1", "1.2.826.0.1.2")


def written(syntax: str, *, undefined: bool = False) -> bytes:
    """Return an instance with a sequence, in a transfer syntax."""
    read, data = dcmread(BytesIO(INSTANCE)), Dataset()
    data.update(read)
    data.file_meta = read.file_meta
    item = Dataset()
    item.PatientID = f"{CANARY}ITEM"
    data.ReferencedPatientSequence = [item]
    data["ReferencedPatientSequence"].is_undefined_length = undefined
    data.file_meta.TransferSyntaxUID = UID(syntax)
    file = BytesIO()
    little = syntax != ExplicitVRBigEndian
    data.save_as(file, enforce_file_format=True, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=little)
    return file.getvalue()


def test_elements() -> None:
    """Each element has its tag, keyword, length and value representation."""
    parts = outline(INSTANCE)
    assert Part("(0010,0010)", "PatientName", 16, "PN") in parts
    assert Part("(0008,0060)", "Modality", 2, "CS") in parts
    assert sorted(parts, key=lambda each: each.place) == parts


def test_no_value() -> None:
    """Nothing that identifies somebody is in the outline."""
    shown = str(outline(INSTANCE))
    assert CANARY not in shown
    assert [] == leaks(shown, dicom_values(INSTANCE))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("undefined", [False, True])
def test_sequences(syntax: str, undefined: bool) -> None:
    """A sequence is one element, however its length is written; what follows it is there."""
    parts = {each.name: each for each in outline(written(syntax, undefined=undefined))}
    assert 20 < parts["ReferencedPatientSequence"].octets < 60
    assert "(0020,0010)" == parts["StudyID"].place
    assert CANARY not in str(parts)


def test_cut_off() -> None:
    """The element in which the known octets end is still named; its value is not needed."""
    end = INSTANCE.index(CANARY.encode()) + 2
    assert outline(INSTANCE)[: len(outline(INSTANCE[:end]))] == outline(INSTANCE[:end])
    assert outline(INSTANCE[:end])


def test_nothing_known() -> None:
    """A deflated data set, and what is no DICOM file, have no outline."""
    assert [] == outline(written(DeflatedExplicitVRLittleEndian))
    assert [[], [], []] == [outline(each) for each in (b"", b"MSH|^~\\&|", INSTANCE[:140])]


def test_private() -> None:
    """An element that the standard does not know has no name, and odd octets are not taken for a representation."""
    octets = b"\x09\x00\x01\x00zz\x02\x00ab"
    parts = outline(INSTANCE[: _data_set_at(INSTANCE)] + octets + b"\0" * 12)
    assert Part("(0009,0001)", "", 2, "") == parts[0]


@given(st.binary(max_size=200))
def test_any_octets(rest: bytes) -> None:
    """Whatever follows the File Meta Information, an outline is made."""
    outline(INSTANCE[: _data_set_at(INSTANCE)] + rest)


def _data_set_at(part10: bytes) -> int:
    return 144 + int.from_bytes(part10[140:144], "little")
