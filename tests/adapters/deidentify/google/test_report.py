"""The report says what is stricter than the documentation."""

from typing import Any

import pytest

from tests.adapters.deidentify.google.support import NO_MODEL, fields, opened

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
SHIFT: dict[str, Any] = {"additionalTransformations": [{"dateShiftConfig": {}}]}


@pytest.mark.parametrize(
    ("config", "note"),
    [
        ({}, "HL7v2 messages are held back"),
        ({}, "dicom: is not there, so the basic profile of PS3.15"),
        ({}, "fhir: is not there, so the profile `safe_harbor` applies"),
        ({}, "image: text in images stays, whatever it says, and Patient Identity Removed is NO"),
        ({"dicom": {"keepList": {"tags": ["PatientSex"]}}}, "dicom.keepList: an element inside a sequence stays only"),
        (
            {"dicom": {"keepList": {"tags": ["ICCProfile", "TransferSyntaxUID", "PixelData", "60003000"]}}},
            "dicom.keepList.tags: TransferSyntaxUID, ICCProfile, OverlayData cannot stay, or is written anew",
        ),
        ({"dicom": {"removeList": {}}}, "dicom.removeList: everything else stays, but private elements"),
        ({"dicom": {}}, "dicom.filterProfile: every element stays, also the patient's name, but private elements"),
        ({"dicom": {}}, "dicom.skipIdRedaction: every other UID of an instance is regenerated"),
        (
            {"dicom": {"filterProfile": BASIC}},
            "dicom.filterProfile: the table is that of PS3.15 2025a and not of 2018e",
        ),
        ({"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}, "dicom.filterProfile: only what is needed"),
        ({"dicom": {"skipIdRedaction": True}}, "dicom.skipIdRedaction: UIDs often contain the day of the study"),
        ({"image": {"textRedactionMode": "REDACT_SENSITIVE_TEXT"}}, "image.textRedactionMode: all text is redacted"),
        ({"image": {"textRedactionMode": "REDACT_ALL_TEXT"}}, "image.textRedactionMode: an image in which text cannot"),
        ({"image": {}}, "image.textRedactionMode: text in images stays"),
        ({"fhir": {}}, "fhir.fieldMetadataList: what no path matches passes"),
        ({"fhir": {}}, "fhir.defaultKeepExtensions: a resource with a modifier extension is held back"),
        ({"text": {}}, "text: no field of `dicom` or `fhir` asks for a transformation, so it is not used"),
        (
            fields(["Date"], "TRANSFORM", **SHIFT),
            "text.additionalTransformations[0].dateShiftConfig: has no cryptoKey: the key is derived from `key_file`",
        ),
        (fields(["Date"], "TRANSFORM", **SHIFT), "text: dates are moved back by whole weeks"),
        (
            fields(["Date"], "INSPECT_AND_TRANSFORM", excludeInfoTypes=["LOCATION", "ORGANIZATION_NAME"]),
            "text: nothing here recognises PERSON_NAME in text, so a field that may contain that is removed whole",
        ),
        (
            fields(["Date"], "INSPECT_AND_TRANSFORM", excludeInfoTypes=NO_MODEL),
            "text: infoTypes are recognised by their form",
        ),
        (
            {"useRegionalDataProcessing": True, "text": {"excludeInfoTypes": NO_MODEL}},
            "useRegionalDataProcessing: nothing leaves this process",
        ),
    ],
)
def test_notes(config: dict[str, Any], note: str) -> None:
    """Each of them is told for a configuration that it is about."""
    notes = opened(config, redacts_fields=True).notes
    assert [each for each in notes if each.startswith(note)], notes


def test_only_where_it_is_so() -> None:
    """What the configuration does not ask for is not told."""
    config = {"dicom": {"filterProfile": BASIC}, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    places = {each.partition(":")[0] for each in opened(config).notes}
    assert places == {"HL7v2 messages are held back", "dicom.filterProfile", "dicom.skipIdRedaction", "fhir"} | {
        "image.textRedactionMode"
    }
