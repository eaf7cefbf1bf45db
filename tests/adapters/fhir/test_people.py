"""People of orders."""

from typing import Any

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, fields, made, only

ORDER = ("ORC|NW|P1", "OBR|1|P1||1^x^LN")


def prt(role: str, **values: str) -> str:
    """Return a PRT with a person, an organization or an action."""
    numbers = {"action": 2, "person": 5, "organization": 8}
    return fields("PRT", {1: "1", 4: role, **{numbers[name]: value for name, value in values.items()}})


REQUESTERS: dict[str, tuple[str, Any]] = {
    "a person": (prt("OP", person="^Doe^Jim"), {"display": "Jim Doe"}),
    "an organization": (prt("OP^^HL70912", organization="Clinic"), {"display": "Clinic"}),
    "nobody": (prt("OP"), None),
    "removed": (prt("OP", action="DE", person="^Doe^Jim"), None),
    "another role": (prt("RCT", person="^Doe^Jim"), None),
}


@pytest.mark.parametrize(("segment", "expected"), REQUESTERS.values(), ids=REQUESTERS)
def test_requester(segment: str, expected: Any) -> None:
    """The ordering provider is the requester; other roles are reported."""
    found = made(PID, *ORDER, segment, kind="OML^O21")
    assert expected == only(found, "ServiceRequest").get("requester")
    assert ("RCT" in segment or "DE" in segment) == ("PRT-4" in {each.place for each in found.report})


def test_another_requester() -> None:
    """The one in ORC-12 counts; another one is reported."""
    found = made(PID, "ORC|NW|P1" + "|" * 10 + "^Roe", ORDER[1], prt("OP", person="^Doe^Jim"), kind="OML^O21")
    assert {"display": "Roe"} == only(found, "ServiceRequest")["requester"]
    assert ("PRT-5", Reason.REPEATED) in {(each.place, each.reason) for each in found.report}


def test_collector() -> None:
    """The collector of the specimens is in each of them."""
    found = made(PID, *ORDER, prt("SC", person="^Doe^Jim"), "SPM|1|S1&H", kind="OML^O21")
    assert {"collector": {"display": "Jim Doe"}} == only(found, "Specimen")["collection"]


RXA, RXE, RXD = "RXA|0|1|20240501||1^x|1", "RXE||1^x|1", "RXD|1|1^x|20240501"
DOER = prt("AP", person="^Doe^Jim")
PERFORMERS: dict[str, tuple[str, str, list[str], list[str]]] = {
    "a vaccination": ("VXU^V04", "Immunization", ["ORC|RE|P1", DOER, prt("OP", person="^Roe"), RXA], ["AP", "OP"]),
    "after the dose": ("VXU^V04", "Immunization", ["ORC|RE|P1", RXA, DOER], ["AP"]),
    "of an observation": ("VXU^V04", "Immunization", ["ORC|RE|P1", RXA, "OBX|1|NM|1^x^LN||5", DOER], []),
    "removed": ("VXU^V04", "Immunization", ["ORC|RE|P1", prt("AP", action="DE", person="^Doe"), RXA], []),
    "nobody": ("VXU^V04", "Immunization", ["ORC|RE|P1", prt("AP"), RXA], []),
    "twice": ("VXU^V04", "Immunization", ["ORC|RE|P1", DOER, DOER, RXA], ["AP"]),
    "an administration": ("RAS^O17", "MedicationAdministration", ["ORC|RE|P1", DOER, RXA], ["AP"]),
    "a dispense": ("RDS^O13", "MedicationDispense", ["ORC|RE|P1", RXD, prt("DP", person="^Doe"), DOER], ["DP"]),
}


@pytest.mark.parametrize(("kind", "resource", "segments", "roles"), PERFORMERS.values(), ids=PERFORMERS)
def test_performers(kind: str, resource: str, segments: list[str], roles: list[str]) -> None:
    """Those who gave or dispensed are performers, with their roles."""
    found = only(made(PID, *segments, kind=kind), resource).get("performer", ())
    assert roles == [each["function"]["coding"][0]["code"] for each in found]


def test_requester_of_a_medication() -> None:
    """The ordering provider is the requester of a medication, unless ORC-12 names another one."""
    people = [
        only(made(PID, orc, prt("OP", person="^Doe^Jim"), RXE, kind="RDE^O11"), "MedicationRequest")["requester"]
        for orc in ("ORC|NW|P1", "ORC|NW|P1" + "|" * 10 + "^Roe")
    ]
    assert [{"display": "Jim Doe"}, {"display": "Roe"}] == people
