"""Which store it is."""

import pytest

from adapters.rest.fhir.profiles import PROFILES, ProfileName, profile_of

STORES: list[tuple[ProfileName | None, str, ProfileName]] = [
    (None, "https://healthcare.googleapis.com/v1/projects/p/locations/l/datasets/d/fhirStores/f/fhir", "google"),
    (None, "https://eu-healthcare.googleapis.com/v1/x", "google"),
    (None, "https://ws-fhir.fhir.azurehealthcareapis.com", "azure"),
    (None, "https://fhir.hospital.example/r4", "generic"),
    (None, "https://healthcare.googleapis.com.example/", "generic"),
    ("hapi", "https://fhir.hospital.example/r4", "hapi"),
    ("medplum", "https://healthcare.googleapis.com/", "medplum"),
]


@pytest.mark.parametrize(("name", "url", "expected"), STORES)
def test_profile(name: ProfileName | None, url: str, expected: ProfileName) -> None:
    """The settings say it, or the host of the address."""
    assert PROFILES[expected] is profile_of(name, url)
