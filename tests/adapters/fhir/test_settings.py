"""Settings of the step."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.fhir.settings import Hl7v2ToFhirSettings


def settings(**keys: Any) -> Hl7v2ToFhirSettings:
    """Return settings."""
    return Hl7v2ToFhirSettings.model_validate({"kind": "hl7v2_to_fhir", **keys})


@pytest.mark.parametrize("keys", [{"timezone": "Mars/Base"}, {"timezone": "/etc/passwd"}, {"systems": {"H": "HOSP"}}])
def test_mistakes(keys: Any) -> None:
    """An unknown zone, and a system that is not absolute, are mistakes."""
    with pytest.raises(ValidationError, match=r"is no time zone|is not absolute"):
        settings(**keys)
