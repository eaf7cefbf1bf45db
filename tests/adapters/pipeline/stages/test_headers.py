"""An instance becomes a row of the identified side, or a dead letter."""

from io import BytesIO

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from adapters.pipeline.contract import Reference
from adapters.pipeline.stages.headers import SHAPE, TABLE, headers, instance_of
from adapters.tables.columns import Column


def octets(**values: object) -> bytes:
    """Return a file."""
    data_set = Dataset()
    data_set.SOPClassUID = CTImageStorage
    for name, value in values.items():
        setattr(data_set, name, value)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    data_set.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


UIDS = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.1", "SOPInstanceUID": "1.2.3"}
REFERENCE = Reference("north", "dicom/a\udcff.dcm", "v7", 1234)


def test_row() -> None:
    """The row has the attributes, and says which version of which object of which hospital it is from."""
    made = headers(REFERENCE, octets(**UIDS, Modality="CT", PatientName="Roe^Jane", Rows=5))
    (row,) = made.rows[TABLE]
    assert row["Modality"] == "CT"
    assert row["PatientName"] == {"Alphabetic": "Roe^Jane"}
    assert (row["Hospital"], row["ObjectVersion"], row["BlobStorageSize"]) == ("north", "v7", 1234)
    assert row["Object"].isprintable()
    assert row["Object"].encode()
    names = {each.name for each in (*SHAPE.columns, *made.columns[TABLE])}
    assert row.keys() <= names
    assert Column("Rows", "INTEGER") in made.columns[TABLE]
    assert not {"LastUpdated", "Type", "StorageClass"} & names


def test_pure() -> None:
    """The same octets make the same row."""
    data = octets(**UIDS)
    assert headers(REFERENCE, data) == headers(REFERENCE, data)


@pytest.mark.parametrize(
    "data", [b"", b"x" * 200, b"\0" * 128 + b"DICM", octets(**UIDS)[:-3], octets(StudyInstanceUID="1.2")]
)
def test_dead(data: bytes) -> None:
    """What is no instance, or ends too early, or has no UIDs, is a dead letter."""
    made = headers(REFERENCE, data)
    assert not made.rows
    (dead,) = made.dead
    assert dead.reference == REFERENCE
    assert dead.reason


def test_long_values_are_passed_over() -> None:
    """The reader asks for spans of a file in memory, and gets what is there."""
    data = octets(**UIDS, Modality="CT", BitsAllocated=8, PixelData=b"\1" * 500_000)
    assert instance_of(data).data_set.json["00080060"]["Value"] == ["CT"]
