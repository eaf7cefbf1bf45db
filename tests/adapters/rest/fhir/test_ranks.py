"""Which status comes before the time; the stories with times are in test_merging.py."""

import pytest

from adapters.rest.fhir.ranks import is_outranked, ranks
from adapters.rest.fhir.stamps import Stamps
from tests.adapters.rest.fhir.making import entry

STATUSES = [
    ("Observation", "preliminary", "final", True),
    ("Observation", "final", "preliminary", False),
    ("Observation", "final", "corrected", False),
    ("Observation", "unknown", "final", False),
    ("DiagnosticReport", "registered", "partial", True),
    ("DiagnosticReport", "partial", "cancelled", False),
    ("ServiceRequest", "active", "revoked", True),
    ("ServiceRequest", "unknown", "revoked", False),
    ("Encounter", "planned", "finished", False),
]


@pytest.mark.parametrize(("kind", "new", "old", "expected"), STATUSES)
def test_outranked(kind: str, new: str, old: str, expected: bool) -> None:
    """A status of a lower rank does not change one of a higher; one without a rank may change any."""
    assert expected is is_outranked(entry({"resourceType": kind, "status": new}), {"status": old}, Stamps())


def test_ranks() -> None:
    """What has no status has no rank."""
    assert (0, 0) == ranks(entry({"resourceType": "Observation"}), {})
