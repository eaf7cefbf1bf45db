"""What a configuration may not ask for."""

from typing import Any

import pytest

from adapters.deidentify.google.checks import inspecting, transforming
from adapters.deidentify.google.reading import parse_config
from tests.adapters.deidentify.google.support import NO_MODEL, fields, opened

INSPECTING = "INSPECT_AND_TRANSFORM"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"image": {"customRegexes": [{"pattern": "x"}]}}, "image.customRegexes: the text in images is found, and not"),
        (
            {"useRegionalDataProcessing": True, "text": {"excludeInfoTypes": ["LOCATION"]}},
            "useRegionalDataProcessing: is not compatible with the infoTypes ORGANIZATION_NAME; add them to",
        ),
        (
            {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}},
            "dicom.filterProfile: looks for LOCATION, ORGANIZATION_NAME, PERSON_NAME, and nothing here recognises",
        ),
        (
            fields(["Annotation.text"], INSPECTING, excludeInfoTypes=["LOCATION"]),
            r"fhir.fieldMetadataList\[0\].action: looks for ORGANIZATION_NAME, PERSON_NAME",
        ),
    ],
)
def test_refused(config: dict[str, Any], problem: str) -> None:
    """What needs a model, a reader of images, or contradicts the documentation."""
    with pytest.raises(ValueError, match=problem):
        opened(config)


def test_mended() -> None:
    """With what the sentences say it is taken."""
    opened({"useRegionalDataProcessing": True, "text": {"excludeInfoTypes": NO_MODEL}})
    opened({"useRegionalDataProcessing": False, "image": {"customRegexes": []}})
    opened({"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}}, redacts_fields=True)
    opened(fields(["Annotation.text"], INSPECTING, excludeInfoTypes=NO_MODEL))


def test_places() -> None:
    """Which fields look into text, and which transform."""
    config = parse_config(
        b'{"fhir": {"fieldMetadataList": [{"paths": ["Date"], "action": "TRANSFORM"}, {"paths": ["Id"]},'
        b' {"paths": ["Xhtml"], "action": "INSPECT_AND_TRANSFORM"}]}}'
    )
    assert list(inspecting(config)) == ["fhir.fieldMetadataList[2].action"]
    assert sorted(transforming(config)) == ["fhir.fieldMetadataList[0].action", "fhir.fieldMetadataList[2].action"]
