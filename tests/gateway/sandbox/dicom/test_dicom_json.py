"""The metadata of a data set is what pydicom writes as JSON, without what is too large."""

import json
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from gateway.sandbox.dicom.dicom_json import BULK_SIZE, metadata_text
from tests.dicom_files import shipped

WHOLE = ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "rtplan.dcm", "reportsi.dcm"]


@pytest.mark.parametrize("name", WHOLE)
def test_metadata(name: str) -> None:
    """Elements at every depth are those of pydicom's own JSON, in the same order, but for pixels and large values."""
    data_set = dcmread(shipped(name))
    wanted = without_bulk(data_set.to_json_dict())
    found = json.loads(metadata_text(data_set))
    assert found == wanted
    assert list(found) == list(wanted) == sorted(found)


def without_bulk(elements: dict[str, Any]) -> dict[str, Any]:
    """Return elements in JSON without pixels and other large binary values."""
    found = {}
    for tag, element in elements.items():
        if tag == "7FE00010" or len(element.get("InlineBinary", "")) > BULK_SIZE:
            continue
        if element["vr"] == "SQ":
            items = [without_bulk(item) for item in element["Value"]]
            found[tag] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}  # PS3.18 F.2.5: no empty arrays
        else:
            found[tag] = element
    return found


def test_sequences() -> None:
    """A sequence without items has no value, and an item may be empty."""
    data_set, holder = Dataset(), Dataset()
    data_set.ConceptNameCodeSequence = []
    assert json.loads(metadata_text(data_set)) == {"0040A043": {"vr": "SQ"}}
    data_set.ConceptNameCodeSequence = [Dataset()]
    holder.ContentSequence = [data_set]
    inner = {"0040A043": {"vr": "SQ", "Value": [{}]}}
    assert json.loads(metadata_text(holder)) == {"0040A730": {"vr": "SQ", "Value": [inner]}}


@pytest.mark.parametrize(("size", "is_kept"), [(BULK_SIZE // 2, True), (4 * BULK_SIZE, False)])
def test_large_values(size: int, is_kept: bool) -> None:
    """A binary value is in the metadata up to a size, and what follows it in any case."""
    data_set = Dataset()
    data_set.add_new(0x00282000, "OB", bytes(size))
    data_set.PatientID = "x"
    data_set.add_new(0x00420010, "ST", "a title")
    assert ("00282000" in json.loads(metadata_text(data_set))) is is_kept
    assert "00420010" in json.loads(metadata_text(data_set))


def test_invalid_value() -> None:
    """A number that JSON does not have is left out; all else is there."""
    data_set = Dataset()
    data_set.RealWorldValueSlope = float("nan")
    data_set.PatientID = "x"
    assert json.loads(metadata_text(data_set)) == {"00100020": {"vr": "LO", "Value": ["x"]}}
