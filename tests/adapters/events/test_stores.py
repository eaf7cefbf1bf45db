"""The addresses of stores."""

import re

import pytest

from adapters.events.stores import DICOM_STORE, FHIR_STORE, HL7V2_STORE

PLACE = "/v1/projects/p/locations/l/datasets/d"
STORES = {"hl7V2Stores": HL7V2_STORE, "dicomStores": DICOM_STORE, "fhirStores": FHIR_STORE}


@pytest.mark.parametrize(("kind", "pattern"), STORES.items(), ids=STORES)
def test_name(kind: str, pattern: re.Pattern[str]) -> None:
    """The name of a store is found in its address, and in that of no other kind."""
    found = pattern.match(f"{PLACE}/{kind}/s")
    assert found is not None
    assert f"{PLACE}/{kind}/s".removeprefix("/v1/") == found[1]
    assert [] == [other for other in STORES if other != kind and pattern.match(f"{PLACE}/{other}/s")]


@pytest.mark.parametrize("path", ["", PLACE, f"{PLACE}/fhirStores/", f"{PLACE}/fhirStores/s/fhir", "fhirStores/s"])
def test_no_store(path: str) -> None:
    """What is below a store, or above it, is none."""
    assert FHIR_STORE.match(path) is None
