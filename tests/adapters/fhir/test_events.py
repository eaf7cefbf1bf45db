"""The table of ADT events."""

import pytest

from adapters.fhir.events import EVENTS, Encounter
from tests.adapters.fhir.judges import bindings

STATUSES = {
    "A01": "in-progress", "A03": "finished", "A05": "planned", "A11": "cancelled", "A13": "in-progress",
    "A14": "planned", "A21": "onleave", "A22": "in-progress", "A23": "entered-in-error", "A27": "cancelled",
    "A38": "cancelled",
}  # fmt: skip


@pytest.mark.parametrize(("event", "status"), STATUSES.items())
def test_status(event: str, status: str) -> None:
    """An event sets this status."""
    assert (Encounter.SETS, status) == (EVENTS[event].encounter, EVENTS[event].status)


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    known = bindings()["http://hl7.org/fhir/ValueSet/encounter-status"]
    assert {each.status for each in EVENTS.values()} - {""} <= known


@pytest.mark.parametrize("event", ["A24", "A28", "A29", "A31", "A37", "A40", "A60"])
def test_person(event: str) -> None:
    """An event about the person makes no encounter of the PV1 that is sent along."""
    assert Encounter.NONE is EVENTS[event].encounter
