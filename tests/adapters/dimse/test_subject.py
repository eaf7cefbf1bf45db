"""The patient and study of an instance, for the audit trail."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from adapters.dimse.subject import subject_of
from gateway.contract.message import Subject

UNCOMPRESSED = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]


def make(syntax: str = ExplicitVRLittleEndian, *, undefined: bool = False, **values: object) -> bytes:
    """Return a Part 10 file with *values*, as pydicom writes it; its sequences with *undefined* length."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    meta.TransferSyntaxUID = UID(syntax)
    data_set = Dataset()
    data_set.file_meta = meta
    data_set.SOPClassUID = CTImageStorage
    data_set.SOPInstanceUID = "1.2.3"
    data_set.StudyInstanceUID = "1.2.3.4"
    for name, value in values.items():
        setattr(data_set, name, value)
    for element in data_set:
        if undefined and element.VR == "SQ":
            element.is_undefined_length = True
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_subject(syntax: str) -> None:
    """Patient and study are found in each uncompressed transfer syntax, behind a sequence with a length."""
    code = Dataset()
    code.CodeValue = "1"
    part10 = make(syntax, PatientID="P1", PatientName="DOE^JANE", ProcedureCodeSequence=Sequence([code]), Rows=1)
    assert Subject("P1", "DOE^JANE", "1.2.3.4") == subject_of(part10, syntax)


def test_character_set() -> None:
    """A name is decoded as Specific Character Set says."""
    part10 = make(SpecificCharacterSet="ISO_IR 100", PatientID="P1", PatientName="M\u00dcLLER")
    assert "M\u00dcLLER" == subject_of(part10, ExplicitVRLittleEndian).patient_name


def test_unknown_character_set() -> None:
    """A character set that nobody knows does not keep the ID from being read, nor warns."""
    part10 = make(PatientID="P1", SpecificCharacterSet="ISO_IR 100").replace(b"ISO_IR 100", b"ISO_XX 999")
    assert "P1" == subject_of(part10, ExplicitVRLittleEndian).patient_id


def test_deflated() -> None:
    """A deflated data set is not inflated to find the patient."""
    assert Subject() == subject_of(make(PatientID="P1"), DeflatedExplicitVRLittleEndian)


def test_beginning_alone() -> None:
    """The beginning of a file is enough; one that ends before the study names the patient."""
    part10 = make(PatientID="P1")
    assert Subject("P1") == subject_of(part10[: part10.index(b"1.2.3.4")], ExplicitVRLittleEndian)


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_sequence_of_undefined_length(syntax: str) -> None:
    """A sequence of undefined length, and another within its item, are passed; a name inside is not the patient's."""
    inner = Dataset()
    inner.CodeValue = "1"
    item = Dataset()
    item.PatientID = "SOMEBODY ELSE"
    item.PurposeOfReferenceCodeSequence = Sequence([inner])
    for each in (item, inner):
        each.is_undefined_length_sequence_item = True
    item["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    meta = Dataset()
    meta.ReferencedStudySequence = Sequence([item])
    meta["ReferencedStudySequence"].is_undefined_length = True
    part10 = make(syntax, PatientID="P1", ReferencedStudySequence=meta.ReferencedStudySequence, undefined=True)
    assert part10.count(b"\xff\xff\xff\xff") >= 3
    assert "P1" == subject_of(part10, syntax).patient_id


@given(st.binary(max_size=200), st.sampled_from(UNCOMPRESSED))
def test_any_octets(rest: bytes, syntax: str) -> None:
    """Whatever the data set is, reading never raises."""
    subject_of(bytes(128) + b"DICM" + bytes(12) + rest, syntax)
