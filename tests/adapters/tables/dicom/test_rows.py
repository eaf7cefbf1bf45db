"""Rows of an instance in the three forms."""

from pathlib import Path
from typing import Any

import pytest

from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.dicom.data_set import DataSet, of_json
from adapters.tables.dicom.rows import OTHER, SHAPE, About, Form, Made, NoIdentityError, deletion_of, row_of
from adapters.tables.engine import Engine
from tests.adapters.tables.shapes import duckdb

ABOUT = About("2026-01-31T00:00:00Z", source="s", size=1000)
UIDS = {
    "00080018": {"vr": "UI", "Value": ["1.2.3"]},
    "0020000D": {"vr": "UI", "Value": ["1.1"]},
    "0020000E": {"vr": "UI", "Value": ["1.2"]},
}
ITEM = {"00080100": {"vr": "SH", "Value": ["A"]}, "00400440": {"vr": "SQ"}}
assert duckdb


def made(form: Form, more: dict[str, Any]) -> Made:
    """Return the row of an instance with these attributes."""
    return row_of(of_json({**UIDS, **more}), form, ABOUT)


def test_json() -> None:
    """All attributes are in one column, and what is left out is named."""
    data_set: DataSet = of_json(UIDS)
    data_set.dropped.append("00420011")
    found = row_of(data_set, "json", ABOUT)
    assert SHAPE.columns == found.columns
    assert (UIDS, ["Tag_00420011"]) == (found.row["Metadata"], found.row["DroppedTags"])
    told = {"1.2.3", "1.1", "1.2", "s", 1000, "INSERT", "2026-01-31T00:00:00Z"}
    assert told <= {each for each in found.row.values() if isinstance(each, str | int)}


def test_nested() -> None:
    """Attributes are columns, sequences are records, private ones are among the others."""
    found = made("nested", {"00081140": {"vr": "SQ", "Value": [ITEM, {}]}, "00091001": {"vr": "US", "Value": [1, 2]}})
    assert [{"CodeValue": "A"}, {}] == found.row["ReferencedImageSequence"]
    assert [{"Tag": "Tag_00091001", "Data": ["1", "2"]}] == found.row["OtherElements"]
    assert Column("ReferencedImageSequence", "RECORD", "REPEATED", (Column("CodeValue"),)) in found.columns
    assert OTHER in found.columns
    assert (None, []) == (found.row["Metadata"], found.row["DroppedTags"])


def test_flattened() -> None:
    """A sequence is one column of JSON."""
    found = made("flattened", {"00081140": {"vr": "SQ", "Value": [ITEM]}})
    assert [ITEM] == found.row["ReferencedImageSequence"]
    assert Column("ReferencedImageSequence", "JSON") in found.columns


@pytest.mark.parametrize("form", ["nested", "flattened"])
def test_misfits(form: Form) -> None:
    """What does not fit is in Metadata and named, and has no column of its own."""
    wrong = {"00080020": {"vr": "DA", "Value": ["20260230"]}, "00100020": {"vr": "LO", "Value": ["a", "b"]}}
    found = made(form, {**wrong, "00080060": {"vr": "CS", "Value": ["CT"]}})
    assert (wrong, ["PatientID", "StudyDate"]) == (found.row["Metadata"], found.row["DroppedTags"])
    assert "CT" == found.row["Modality"]
    assert not {"StudyDate", "PatientID"} & {each.name for each in found.columns}


def test_misfits_inside() -> None:
    """A sequence with a value that does not fit is in Metadata as a whole."""
    sequence = {"00081140": {"vr": "SQ", "Value": [{"00080020": {"vr": "DA", "Value": ["no"]}}]}}
    found = made("nested", sequence)
    assert (sequence, ["ReferencedImageSequence.StudyDate"]) == (found.row["Metadata"], found.row["DroppedTags"])
    left = of_json({**UIDS, **sequence})
    left.items["00081140"][0].dropped.append("00091001")
    assert "ReferencedImageSequence.Tag_00091001" in row_of(left, "json", ABOUT).row["DroppedTags"]


@pytest.mark.parametrize("tag", list(UIDS))
def test_without_identity(tag: str) -> None:
    """A row needs all three UIDs."""
    with pytest.raises(NoIdentityError):
        row_of(of_json({key: value for key, value in UIDS.items() if key != tag}), "json", ABOUT)


@pytest.mark.parametrize("form", ["nested", "json", "flattened"])
def test_in_a_table(tmp_path: Path, form: Form) -> None:
    """Rows of instances with different attributes are in one table; a deletion hides its instance."""
    tables = Tables(tmp_path)
    tables.create("t", SHAPE)
    attributes: list[dict[str, Any]] = [
        {"00081140": {"vr": "SQ", "Value": [ITEM]}},
        {"00081140": {"vr": "SQ", "Value": [{"00080020": {"vr": "DA", "Value": ["20260131"]}}]}},
    ]
    with tables.writer("t") as table:
        for number, each in enumerate(attributes):
            one = made(form, {**each, "00080018": {"vr": "UI", "Value": [f"1.{number}"]}})
            table.append([one.row], one.columns)
        assert [(2,)] == Engine({"main": tables}).query("SELECT count(*) FROM t").rows
        table.append([deletion_of("1.1", "1.2", "1.0", About("2026-02-01T00:00:00Z", "DELETE"))])
    assert [("1.1",)] == Engine({"main": tables}).query("SELECT SOPInstanceUID FROM t").rows
