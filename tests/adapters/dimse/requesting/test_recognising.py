"""The first octets of a file say which instance it is, and what is missing before them."""

import warnings
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from adapters.dimse.requesting.recognising import DIRECTORY, recognise

CLASS, INSTANCE = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"


def part10(syntax: str = ExplicitVRLittleEndian, sop_class: str = CLASS, instance: str = INSTANCE) -> bytes:
    """Return a small file."""
    data_set = Dataset()
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = UID(syntax)
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID = UID(sop_class)
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID = UID(instance)
    data_set.SpecificCharacterSet, data_set.PatientID = "ISO_IR 100", "P1"
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


def bare(syntax: str) -> bytes:
    """Return the data set of a small file alone."""
    whole = part10(syntax)
    start = 144 + int.from_bytes(whole[140:144], "little")
    return whole[start:]


def read(data: bytes) -> Dataset:
    """Return the data set of a file as pydicom, which guesses nothing here, reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return pydicom.dcmread(BytesIO(data))


@pytest.mark.parametrize("missing", [b"", bytes(128), bytes(128) + b"DICM"], ids=["nothing", "preamble", "prefix too"])
def test_part10(missing: bytes) -> None:
    """A file of Part 10, with or without what stands before its File Meta Information."""
    data = part10()[len(missing) :]
    found = recognise(data)
    assert found is not None
    assert found.identifiers == {"sop_instance_uid": INSTANCE}
    assert found.facts == {
        "protocol": "dimse",
        "sop_class_uid": CLASS,
        "transfer_syntax_uid": ExplicitVRLittleEndian,
    }
    assert found.missing + data == part10()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_bare_data_set(syntax: str) -> None:
    """A header is made of what the data set says of itself; the data set stays as it is."""
    data = bare(syntax)
    found = recognise(data)
    assert found is not None
    whole = read(found.missing + data)
    assert (whole.file_meta.TransferSyntaxUID, whole.PatientID, whole.SOPInstanceUID) == (syntax, "P1", INSTANCE)
    assert whole.file_meta.MediaStorageSOPInstanceUID == INSTANCE
    assert found.facts["sop_class_uid"] == CLASS


def test_directory() -> None:
    """A DICOMDIR lists files and is no instance."""
    found = recognise(part10(sop_class=DIRECTORY))
    assert found is not None
    assert found.is_index


@pytest.mark.parametrize(
    "data", [b"", b"MSH|^~\\&|", b"{}", bytes(200), b"\x08\x00", b"\x08\x00\x05\x00\xff\xff\xff\xff" + bytes(20)]
)
def test_no_dicom(data: bytes) -> None:
    """Anything else is not guessed to be DICOM."""
    assert recognise(data) is None


def test_without_valid_uid() -> None:
    """An instance that cannot be named is refused, without repeating what it says."""
    with pytest.raises(ValueError, match="no valid SOP Instance UID") as raised:
        recognise(part10().replace(b"1.2.3.4\0", b"SECRET\0\0"))
    assert "SECRET" not in str(raised.value)
    with pytest.raises(ValueError, match="incomplete"):
        recognise(part10()[:200])
