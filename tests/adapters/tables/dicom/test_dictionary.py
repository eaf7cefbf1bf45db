"""Columns of attributes, by the data dictionary."""

import pytest

from adapters.tables.columns import Column
from adapters.tables.dicom.dictionary import PERSON, column_of, name_of


@pytest.mark.parametrize(
    ("tag", "column"),
    [
        ("00100020", Column("PatientID")),
        ("00281050", Column("WindowCenter", "STRING", "REPEATED")),
        ("00200013", Column("InstanceNumber")),
        ("00280010", Column("Rows", "INTEGER")),
        ("00280106", Column("SmallestImagePixelValue", "INTEGER")),
        ("00189073", Column("AcquisitionDuration", "FLOAT")),
        ("00080020", Column("StudyDate", "DATE")),
        ("00080030", Column("StudyTime", "TIME")),
        ("0008002A", Column("AcquisitionDateTime", "TIMESTAMP")),
        ("00100010", Column("PatientName", "RECORD", fields=PERSON)),
        ("00081048", Column("PhysiciansOfRecord", "RECORD", "REPEATED", PERSON)),
        ("00280009", Column("FrameIncrementPointer", "INTEGER", "REPEATED")),
        ("00081140", Column("ReferencedImageSequence", "JSON")),
        ("60000010", Column("OverlayRows", "INTEGER")),
        ("60020010", None),
        ("00091001", None),
        ("00080000", None),
        ("00420011", None),
    ],
)
def test_columns(tag: str, column: Column | None) -> None:
    """The type is that of the dictionary; private attributes, bulk data and later overlays have no column."""
    assert column == column_of(tag)


def test_names() -> None:
    """What has no column is named by its tag."""
    assert ("PatientID", "Tag_0009100a") == (name_of("00100020"), name_of("0009100A"))
