"""Rows of instances."""

import json
from typing import Any

from gateway.sandbox.dicom.tables.rows import About, row_of

ABOUT = About("2026-01-02T03:04:05Z", 99)
INSTANCE = {
    "0020000D": {"vr": "UI", "Value": ["1.2"]},
    "0020000E": {"vr": "UI", "Value": ["1.3"]},
    "00080018": {"vr": "UI", "Value": ["1.4"]},
    "00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY"]},
    "00080020": {"vr": "DA", "Value": ["20240230"]},
    "00080060": {"vr": "CS"},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A^B"}]},
    "00080090": {"vr": "PN", "Value": [{"Alphabetic": "C"}, {"Alphabetic": "D"}]},
    "00091001": {"vr": "LO", "Value": ["private", 5]},
    "00081140": {
        "vr": "SQ",
        "Value": [
            {"00081155": {"vr": "UI", "Value": ["9"]}},
            {"00081160": {"vr": "IS", "Value": ["2", "3"]}, "00080021": {"vr": "DA", "Value": ["x"]}},
        ],
    },
    "00081110": {"vr": "SQ", "Value": [{}]},
}


def by_name(fields: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return columns by their names."""
    return {each["name"]: each for each in fields}


def test_flattened() -> None:
    """A column for each attribute by its keyword; what does not fit is listed, also from within sequences."""
    row, fields = row_of(json.dumps(INSTANCE), "flattened", ABOUT)
    columns = by_name(fields)
    assert (row["StudyInstanceUID"], row["ImageType"], row["Modality"]) == ("1.2", ["ORIGINAL", "PRIMARY"], None)
    assert (columns["StudyInstanceUID"].get("mode"), columns["ImageType"]["mode"]) == (None, "REPEATED")
    assert row["PatientName"] == {"Alphabetic": "A^B"}
    assert [each["name"] for each in columns["PatientName"]["fields"]] == ["Alphabetic", "Ideographic", "Phonetic"]
    assert row["ReferencedImageSequence"] == [{"ReferencedSOPInstanceUID": "9"}, {"ReferencedFrameNumber": ["2", "3"]}]
    inner = by_name(columns["ReferencedImageSequence"]["fields"])
    assert inner.keys() == {"ReferencedSOPInstanceUID", "ReferencedFrameNumber"}
    assert inner["ReferencedFrameNumber"]["mode"] == "REPEATED"
    assert set(row["DroppedTags"]) == {"StudyDate", "SeriesDate", "ReferringPhysicianName", "ReferencedStudySequence"}
    assert not set(row["DroppedTags"]) & columns.keys()
    assert row["OtherElements"] == [{"Tag": "Tag_00091001", "Data": ["private", "5"]}]
    assert (row["BlobStorageSize"], row["Type"], row["StorageClass"]) == (99, "INSERT", "STANDARD")
    assert "SourceDicomStore" not in row
    assert row.keys() <= columns.keys()


def test_json() -> None:
    """All attributes are in one column, beside the three UIDs."""
    row, fields = row_of(json.dumps(INSTANCE), "json", About("x", 9, source="projects/p"))
    assert row["Metadata"] == INSTANCE
    assert (row["SOPInstanceUID"], row["SourceDicomStore"], row["DroppedTags"]) == ("1.4", "projects/p", [])
    assert by_name(fields)["Metadata"]["type"] == "JSON"
    assert row.keys() == by_name(fields).keys()
