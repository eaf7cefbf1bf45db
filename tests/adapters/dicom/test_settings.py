"""Every mistake in the settings is found when they are read."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from adapters.dicom.settings import EditDicomSettings

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no keyword": ({"set": {"PatientKey": "A"}}, "PatientKey is no keyword"),
    "two mistakes": ({"set": {"PatientKey": "A", "Modality": "ct"}}, "PatientKey is no keyword.*; Modality: CS takes"),
    "no keyword to remove": ({"remove": ["PatientKey"]}, "PatientKey is no keyword"),
    "too long": ({"set": {"AccessionNumber": "x" * 17}}, "SH takes at most 16"),
    "true": ({"set": {"PatientID": True}}, "1 validation error(.|\n)*neither text nor a number"),
    "a date": ({"set": {"StudyDate": date(2024, 2, 29)}}, "1 validation error(.|\n)*neither text nor a number"),
    "a table": ({"set": {"PatientID": {}}}, "1 validation error(.|\n)*neither text nor a number"),
    "true in a list": ({"set": {"ImageType": ["A", True]}}, "1 validation error(.|\n)*neither text nor a number"),
    "twice": ({"set": {"PatientID": "A", "(0010,0020)": "B"}}, "named twice"),
    "set and removed": ({"set": {"PatientID": "A"}, "remove": ["00100020"]}, "named twice"),
    "removed whole and set in": (
        {"set": {"RequestAttributesSequence.AccessionNumber": "A"}, "remove": ["RequestAttributesSequence"]},
        "is removed whole",
    ),
    "removed whole and removed in": (
        {"remove": ["RequestAttributesSequence.AccessionNumber", "RequestAttributesSequence"]},
        "is removed whole",
    ),
    "a private element": ({"set": {"(0009,1010)": "A"}}, "a private element cannot be set"),
    "no name": ({"set": {"SOPInstanceUID": ""}}, "an instance must have this UID"),
    "a name removed": ({"remove": ["SOPInstanceUID"]}, "can be set, not removed"),
    "former private values": ({"keep_private": False, "original_attributes": True}, "remove one of the two settings"),
    "former values of former values": (
        {"set": {"OriginalAttributesSequence.ModifyingSystem": "A"}},
        "original_attributes: false",
    ),
    "an unknown key": ({"sets": {}}, "Extra inputs"),
}
KEEPS: dict[str, tuple[dict[str, Any], bool]] = {
    "only set": ({"set": {"PatientID": "A"}}, True),
    "removed too": ({"set": {"PatientID": "A"}, "remove": ["PatientName"]}, False),
    "private elements removed": ({"keep_private": False}, False),
    "removed, and asked for": ({"remove": ["PatientName"], "original_attributes": True}, True),
    "set, and not asked for": ({"set": {"PatientID": "A"}, "original_attributes": False}, False),
}


@pytest.mark.parametrize(("given", "reason"), WRONG.values(), ids=WRONG)
def test_mistake(given: dict[str, Any], reason: str) -> None:
    """A mistake is an error that says what is wrong."""
    with pytest.raises(ValidationError, match=reason):
        EditDicomSettings.model_validate({"kind": "edit_dicom"} | given)


@pytest.mark.parametrize(("given", "keeps"), KEEPS.values(), ids=KEEPS)
def test_former_values(given: dict[str, Any], keeps: bool) -> None:
    """Former values are kept if elements are only set, or if the setting says so."""
    assert keeps == EditDicomSettings.model_validate({"kind": "edit_dicom"} | given).keeps_originals


def test_file_meta() -> None:
    """The UIDs of the instance are also set in the File Meta Information."""
    chosen = EditDicomSettings(kind="edit_dicom", set={"(0008,0018)": "1.2", "ReferencedStudySequence.00080018": "1.3"})
    assert {0x00020003: "1.2"} == chosen.file_meta()


def test_page() -> None:
    """The steps that docs/steps.md shows have no mistake."""
    blocks = re.findall(r"```yaml\n(.*?)```", (Path(__file__).parents[3] / "docs" / "steps.md").read_text(), re.DOTALL)
    steps = [step for block in blocks for step in (yaml.safe_load(block).get("steps") or {}).values()]
    found = [EditDicomSettings.model_validate(step) for step in steps if step["kind"] == "edit_dicom"]
    assert found
    assert all(not each.edits().is_empty for each in found)
