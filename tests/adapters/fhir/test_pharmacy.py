"""Messages about medication."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from tests.adapters.fhir.making import BERLIN, PID, fields, made, message, only, resources

ORC, RXE = "ORC|RE|P1", "RXE||1^Aspirin^L|1||mg|^Tablet"
RXD, RXA = "RXD|1|1^Aspirin^L|20240501", "RXA|0|1|20240501||1^Aspirin^L|1"
KINDS = ("RDE^O11", "RDE^O25", "RDE^O01", "RDE", "RDS^O13", "RDS^O01", "RAS^O17", "RAS^O01")


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind: str) -> None:
    """The messages of all versions are converted: before HL7 2.4 the event is O01."""
    assert 1 == len(resources(made(PID, ORC, RXE, kind=kind), "MedicationRequest"))


@pytest.mark.parametrize(("segment", "expected"), [("PV1|1", NO_PATIENT), ("PID|1", NO_PATIENT_ID)])
def test_refused(segment: str, expected: object) -> None:
    """A message without a patient that can be found again is refused."""
    assert expected == convert(message(segment, ORC, RXE, kind="RDE^O11"), BERLIN)


@pytest.mark.parametrize(("kind", "owns"), [("RDE^O11", True), ("RDS^O13", False), ("RAS^O17", False)])
def test_owned(kind: str, owns: bool) -> None:
    """An RDE is about the order; the others only name it, and its medication."""
    found = {each.kind: each for each in made(PID, ORC, RXE, kind=kind).bundle}
    assert [owns, owns] == [bool(found[each].owns) for each in ("MedicationRequest", "Medication")]


def test_link() -> None:
    """What was dispensed and given refers to the order of the message."""
    found = {each.kind: each for each in made(PID, ORC, RXE, RXD, RXA, kind="RDS^O13").bundle}
    order = found["MedicationRequest"].reference
    assert ([order], order) == (
        found["MedicationDispense"].body["authorizingPrescription"],
        found["MedicationAdministration"].body["request"],
    )


def test_common_route() -> None:
    """An RXR after several RXA is about all of them."""
    found = made(PID, ORC, RXA, RXA.replace("1^A", "2^A"), "RXR|PO", RXA.replace("1^A", "3^A"), kind="RAS^O17")
    assert [True, True, False] == ["route" in each["dosage"] for each in resources(found, "MedicationAdministration")]


def test_as_of() -> None:
    """An order is of the time of its event, ORC-9; a dose is of the time of the message."""
    orc = fields("ORC", {1: "NW", 2: "P1", 9: "20240430081500"})
    found = {each.kind: each for each in made(PID, orc, RXE, RXA, kind="RDE^O11").bundle}
    assert ("2024-04-30T08:15:00+02:00 2024-05-01T10:15:00+02:00", "2024-05-01T10:15:00+02:00") == (
        found["MedicationRequest"].as_of,
        found["MedicationAdministration"].as_of,
    )


def test_charge() -> None:
    """A charge that is sent with an order is one."""
    assert (
        "T1"
        == only(made(PID, ORC, RXE, "FT1|1|T1||20240501||CG|1^x", kind="RDE^O11"), "ChargeItem")["identifier"][0][
            "value"
        ]
    )


def test_two_orders() -> None:
    """Two orders of one number are two resources."""
    found = made(PID, ORC, RXE, ORC, RXE.replace("1^", "2^"), kind="RDE^O11")
    assert 2 == len(resources(found, "MedicationRequest"))


def test_observations() -> None:
    """Observations of an order support it; those before it are about the patient."""
    obx = "OBX|1|NM|1^x^LN||5"
    found = made(PID, obx, ORC, RXE, obx, kind="RDE^O11")
    assert 1 == len(only(found, "MedicationRequest")["supportingInformation"])
    assert 2 == len(resources(found, "Observation"))


def test_observation_without_an_order() -> None:
    """An observation of an order that the message does not have is one of the patient's."""
    assert 1 == len(resources(made(PID, ORC, "OBX|1|NM|1^x^LN||5", kind="RAS^O17"), "Observation"))
