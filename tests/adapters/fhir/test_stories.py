"""Stories of appointments, vaccinations, medicines and charges in a store that merges."""

from itertools import permutations
from typing import Any

import pytest

from adapters.fhir.convert import Conversion, convert
from tests.adapters.fhir.making import BERLIN, PV1, message
from tests.adapters.fhir.test_merging import FULL, at, only, stored, without_messages


def sent(day: int, kind: str, *segments: str) -> Conversion:
    """Return the conversion of a message that was sent on that day of May."""
    found = convert(message(*segments, kind=kind, time=f"202405{day:02}101500"), BERLIN)
    assert isinstance(found, Conversion)
    return found


def booked(day: int, event: str, *segments: str) -> Conversion:
    """Return the conversion of an appointment."""
    return sent(day, f"SIU^{event}", "SCH|P1|F1", FULL, *segments)


TIME = "TQ1||||||30^min|202405{}083000"
RXA = "RXA|0|1|20240501||115^Tdap^CVX|0.5|mL|||||||||||||{}|{}"
RXE = "RXE||1^Aspirin^L|{}||mg"
FT1 = "FT1|1|T1||20240501||CG|99213^Visit^CPT|||{}"
ACCOUNT = FULL + "|" * 5 + "A1^^^HOSP&1.2.3&ISO"


def test_appointment() -> None:
    """An appointment that is moved and then cancelled is one, and has the last time."""
    found = only(stored(*STORIES["an appointment"]), "Appointment")
    assert ("cancelled", "2024-05-11T08:30:00+02:00") == (found["status"], found["start"])


def test_late_booking() -> None:
    """A cancellation is not undone by a booking that comes late."""
    found = only(stored(booked(3, "S15"), booked(1, "S12", TIME.format(10))), "Appointment")
    assert "cancelled" == found["status"]


def test_vaccination() -> None:
    """A vaccination that is deleted stays, as one that was entered in error."""
    assert "entered-in-error" == only(stored(*STORIES["a vaccination"]), "Immunization")["status"]


def test_prescription() -> None:
    """A changed order has the last dose; its dispense and its dose refer to it and do not change it."""
    store = stored(*STORIES["a prescription"])
    found = only(store, "MedicationRequest")
    assert ("stopped", 3) == (
        found["status"],
        found["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"],
    )
    assert (1, 1) == (len(store.of("MedicationDispense")), len(store.of("MedicationAdministration")))


def test_account() -> None:
    """An account that has ended is not opened by a charge or an update."""
    store = stored(*STORIES["an account"], sent(5, "BAR^P05", "EVN|P05|20240505", ACCOUNT, PV1))
    assert ("inactive", 2) == (only(store, "Account")["status"], only(store, "ChargeItem")["quantity"]["value"])


STORIES = {
    "an appointment": [
        booked(1, "S12", TIME.format(10)),
        booked(2, "S13", TIME.format(11)),
        booked(3, "S15", TIME.format(11)),
    ],
    "a vaccination": [
        sent(1, "VXU^V04", FULL, "ORC|RE|P1|F1", RXA.format("CP", "A")),
        sent(2, "VXU^V04", FULL, "ORC|RE|P1|F1", RXA.format("CP", "U")),
        sent(3, "VXU^V04", FULL, "ORC|RE|P1|F1", RXA.format("CP", "D")),
    ],
    "a prescription": [
        sent(1, "RDE^O11", FULL, "ORC|NW|P1", RXE.format(1)),
        sent(2, "RDS^O13", FULL, "ORC|RE|P1", RXE.format(2), "RXD|1|1^Aspirin^L|20240502"),
        sent(3, "RAS^O17", FULL, "ORC|RE|P1", "RXA|0|1|20240503||1^Aspirin^L|1"),
        sent(4, "RDE^O11", FULL, "ORC|DC|P1", RXE.format(3)),
    ],
    "an account": [
        sent(1, "BAR^P01", "EVN|P01|20240501", ACCOUNT, PV1),
        sent(2, "DFT^P03", "EVN|P03|20240502", ACCOUNT, PV1, FT1.format(1)),
        sent(3, "DFT^P03", "EVN|P03|20240503", ACCOUNT, PV1, FT1.format(2)),
        sent(4, "BAR^P06", "EVN|P06|20240504", ACCOUNT, PV1),
    ],
}
""" In the order in which they happened."""


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_any_order(story: list[Conversion]) -> None:
    """In any order, and twice, the messages leave the same resources."""
    expected: dict[str, Any] = without_messages(stored(*story))
    for order in permutations(story):
        assert expected == without_messages(stored(*order))
        assert expected == without_messages(stored(*order, *reversed(order)))


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_patient(story: list[Conversion]) -> None:
    """The patient of an admission keeps what the admission said of the stay and of the person."""
    admission = at(9, "A01", FULL.replace("Anna", "Anne"), PV1)
    store = stored(admission, *story)
    assert (["Anne"], "in-progress") == (
        only(store, "Patient")["name"][0]["given"],
        only(store, "Encounter")["status"],
    )
