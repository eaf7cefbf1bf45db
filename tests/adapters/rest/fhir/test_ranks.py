"""Which status comes before the time; the stories with times are in test_merging.py."""

from dataclasses import replace

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
    assert (0, 0) == ranks(entry({"resourceType": "Observation"}), {}, Stamps())


CORRECTED = "2024-05-02T10:00:00Z 2024-05-02T11:00:00Z"
FINALS = {
    "sent again later": ("2024-05-02T10:00:00Z 2024-05-02T12:00:00Z", (3, 4)),
    "reported before, sent again later": ("2024-05-02T09:00:00Z 2024-05-02T12:00:00Z", (3, 4)),
    "sent before": ("2024-05-02T10:00:00Z 2024-05-02T10:30:00Z", (3, 4)),
    "reported again since": ("2024-05-02T10:30:00Z 2024-05-02T12:00:00Z", (3, 3)),
    "of no time": ("", (3, 3)),
}


@pytest.mark.parametrize(("time", "expected"), FINALS.values(), ids=FINALS)
@pytest.mark.parametrize("status", ["corrected", "amended", "appended"])
def test_correction(status: str, time: str, expected: tuple[int, int]) -> None:
    """A correction is above a final result that was not reported after it, whichever of them the store has."""
    final = replace(entry({"resourceType": "Observation", "status": "final"}), as_of=time)
    correction = replace(entry({"resourceType": "Observation", "status": status}), as_of=CORRECTED)
    assert expected == ranks(final, {"status": status}, Stamps(said={"status": CORRECTED}))
    assert expected[::-1] == ranks(correction, {"status": "final"}, Stamps(said={"*": time}))
