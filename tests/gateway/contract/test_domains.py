"""The settings of a domain of patients."""

import pytest
from pydantic import ValidationError

from gateway.contract.domains import DomainSettings


def test_defaults() -> None:
    """A domain may name authorities of some formats only; leading zeros count."""
    found = DomainSettings.model_validate({"hl7v2": ["HOSP"]})
    assert (found.hl7v2, found.dicom, found.fhir, found.leading_zeros) == (("HOSP",), (), (), "keep")


@pytest.mark.parametrize("wrong", [{"hl7": ["HOSP"]}, {"leading_zeros": "strip"}, {"hl7v2": "HOSP"}], ids=str)
def test_wrong(wrong: dict[str, object]) -> None:
    """A misspelt key or value is a mistake."""
    with pytest.raises(ValidationError):
        DomainSettings.model_validate(wrong)
