"""A store that holds the record."""

import pytest

from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry
from tests.gateway.sandbox.fhir.search.data import RECORD


@pytest.fixture
async def record(fhir: Fhir) -> Fhir:
    """Fill the store."""
    entries = [entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD]
    status, reply = await fhir.transaction(*entries)
    assert status == 200, reply
    return fhir
