"""Settings of a FHIR store."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.rest.fhir.settings import FhirStoreSettings

WHOLE = [
    ({}, "Patient", False),
    ({}, "Observation", True),
    ("replace", "Patient", True),
    ("merge", "Observation", False),
    ({"Observation": "merge"}, "Observation", False),
    ({"Observation": "merge"}, "Patient", False),
    ({"Patient": "replace"}, "Patient", True),
]


@pytest.mark.parametrize(("update", "kind", "expected"), WHOLE)
def test_update(update: Any, kind: str, expected: bool) -> None:
    """One word is for all types, a mapping for some; the others keep their defaults."""
    settings = FhirStoreSettings(kind="fhir_store", url="http://127.0.0.1/fhir", update=update)
    assert expected is settings.is_whole(kind)


@pytest.mark.parametrize(
    "wrong",
    [{"update": "delete"}, {"update": {"patient": "merge"}}, {"profile": "other"}, {"max_entries": 0},
     {"answers": {"MSA-1 AR": "final"}}, {"answers": {"HTTP 200": "final"}}, {"url": "http://h/fhir?x=1"}, {"x": 1}],
)  # fmt: skip
def test_wrong(wrong: dict[str, Any]) -> None:
    """A mistake in the settings is found before the start."""
    with pytest.raises(ValidationError):
        FhirStoreSettings(kind="fhir_store", **{"url": "http://127.0.0.1/fhir", **wrong})
