"""The settings of the step."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.deidentify.settings import DeidentifySettings


def made(**given: Any) -> DeidentifySettings:
    """Return the settings."""
    return DeidentifySettings.model_validate({"kind": "deidentify", "key_file": Path("/k"), **given})


def test_defaults() -> None:
    """The defaults are the strict ones."""
    found = made()
    assert found.default_domain is None
    assert (found.hl7v2.profile, found.hl7v2.text, found.hl7v2.keep_segments) == ("limited", "remove", ())
    assert (found.dicom.pixels, found.dicom.documents) == ("hold_back", "hold_back")
    assert found.most_weeks == 52


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_file": None},
        {"most_weeks": 0},
        {"most_weeks": 521},
        {"hl7v2": {"profile": "none"}},
        {"hl7v2": {"text": "keep"}},
        {"dicom": {"options": ["retain_everything"]}},
        {"dicom": {"options": ["retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"]}},
        {"domains": {}},
        {"pseudonyms": "random"},
        {"pseudonyms": "drawn", "crosswalk_file": "/x"},
        {"crosswalk_file": ""},
    ],
    ids=str,
)
def test_wrong(wrong: dict[str, Any]) -> None:
    """What does not exist, or contradicts itself, is a mistake: nothing is ignored."""
    with pytest.raises(ValidationError):
        made(**wrong)
