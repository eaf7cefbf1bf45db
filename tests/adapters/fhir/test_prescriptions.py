"""Orders of medication."""

import pytest

from adapters.fhir.prescriptions import CONTROLS, STATUSES
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

RXE = "RXE||1^Aspirin^L|1||mg"


def order(*segments: str) -> Json:
    """Return the order of a message."""
    return only(made(PID, *segments, kind="RDE^O11"), "MedicationRequest")


def orc(**values: str) -> str:
    """Return an ORC with a placer's number."""
    return fields("ORC", {1: "NW", 2: "P1", **{int(name[1:]): value for name, value in values.items()}})


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    known = bindings()["http://hl7.org/fhir/ValueSet/medicationrequest-status"]
    assert {*STATUSES.values(), *CONTROLS.values()} <= known


ORDERS = {
    "new": (orc(), "active", True),
    "ORC-5 before ORC-1": (orc(f5="CM"), "completed", True),
    "cancelled": (orc(f1="CA"), "cancelled", True),
    "discontinued": (orc(f1="DC"), "stopped", True),
    "held": (orc(f1="HD"), "on-hold", True),
    "nobody says it": (orc(f1="SC"), "unknown", False),
}


@pytest.mark.parametrize(("text", "status", "is_owned"), ORDERS.values(), ids=ORDERS)
def test_status(text: str, status: str, is_owned: bool) -> None:
    """The status is that of ORC; one that nobody said is for a new order only."""
    (found,) = (each for each in made(PID, text, RXE, kind="RDE^O11").bundle if each.kind == "MedicationRequest")
    assert (status, is_owned) == (found.body["status"], "status" in found.owns)


KEYS = {
    "the placer's number": ("ORC|NW|P1|F1", "ORC|XO|P1|F2", True),
    "without the placer's the filler's": ("ORC|NW||F1", "ORC|XO||F1", True),
    "another number": ("ORC|NW|P1", "ORC|NW|P2", False),
}


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS.values(), ids=KEYS)
def test_key(one: str, other: str, is_same: bool) -> None:
    """An order is found again by its number, whatever the medication."""
    urls = [
        each.url
        for text, rxe in ((one, RXE), (other, RXE.replace("1^", "2^")))
        for each in made(PID, text, rxe, kind="RDE^O11").bundle
        if each.kind == "MedicationRequest"
    ]
    assert is_same == (urls[0] == urls[1])


def test_no_number() -> None:
    """An order without a number is identified by the message, which is reported."""
    assert LeftOut("RXE-1", Reason.KEYED_BY_MESSAGE) in made(PID, "ORC|NW", RXE, kind="RDE^O11").report


def test_author() -> None:
    """The time of a new order is RXE-32 or ORC-9; that of a change is when it was changed, and not carried."""
    assert "2024-05-01" == order(orc(f9="20240501"), RXE)["authoredOn"]
    assert "2024-04-30" == order(orc(f9="20240501"), fields("RXE", {2: "1", 32: "20240430"}))["authoredOn"]
    assert "authoredOn" not in order(orc(f1="XO", f9="20240501"), RXE)


def test_requester() -> None:
    """Who ordered is ORC-12, or else the prescriber's number; the second one is reported if it is not used."""
    rxe = fields("RXE", {2: "1", 13: "2^Birch"})
    assert ("Ash", "Birch") == (
        order(orc(f12="1^Ash"), rxe)["requester"]["display"],
        order(orc(), rxe)["requester"]["display"],
    )
    assert LeftOut("RXE-13", Reason.NOT_MAPPED) in made(PID, orc(f12="1^Ash"), rxe, kind="RDE^O11").report


def test_dispensing() -> None:
    """Amount, refills and pharmacy of what is to be dispensed."""
    found = order(orc(), fields("RXE", {2: "1", 10: "30", 11: "tab", 12: "0", 40: "^Pharmacy"}))["dispenseRequest"]
    assert (30, 0, "Pharmacy") == (
        found["quantity"]["value"],
        found["numberOfRepeatsAllowed"],
        found["performer"]["display"],
    )


PRIORITIES = {"S": "stat", "R": "routine", "PRN": None, "X": None}


@pytest.mark.parametrize(("sent", "priority"), PRIORITIES.items())
def test_priority(sent: str, priority: str | None) -> None:
    """TQ1-9 is the priority, and PRN is none."""
    found = made(PID, orc(), f"TQ1|1||||||||{sent}", RXE, kind="RDE^O11")
    assert priority == only(found, "MedicationRequest").get("priority")
    assert (sent == "X") == (LeftOut("TQ1-9", Reason.NOT_IN_TABLE) in found.report)


def test_requested() -> None:
    """RXO counts where there is no RXE; where both are, RXE does."""
    rxo = "RXO|2^Requested^L|5"
    both = made(PID, orc(), rxo, RXE, kind="RDE^O11")
    assert "Requested" == order(orc(), rxo)["medicationCodeableConcept"]["text"]
    assert "Aspirin" == only(both, "MedicationRequest")["medicationCodeableConcept"]["text"]
    assert LeftOut("RXO-1", Reason.NOT_MAPPED) in both.report


def test_timing_of_the_encoded_order() -> None:
    """The TQ1 after RXE counts, or else the one after ORC."""
    before, after = "TQ1|1||BID", "TQ1|1||TID"
    codes = [
        order(orc(), *segments)["dosageInstruction"][0]["timing"]["code"]["coding"][0]["code"]
        for segments in ((before, RXE, after), (before, RXE))
    ]
    assert ["TID", "BID"] == codes


def test_refill() -> None:
    """A question for a refill is a proposal of its own, which does not change the order."""
    found = {each.body["intent"]: each for each in made(PID, orc(f1="RF"), RXE, kind="RDE^O25").bundle
             if each.kind == "MedicationRequest"}  # fmt: skip
    assert [found["order"].reference] == found["proposal"].body["basedOn"]
    assert (set(), True) == (found["order"].owns, found["order"].is_stub)
    assert ["P1"] == [each["value"] for each in found["order"].body["identifier"][:-1]]
    assert 1 == len(found["proposal"].body["identifier"])


def test_notes() -> None:
    """Comments are those on the order; those on an observation stay there."""
    found = made(PID, orc(), "NTE|1||a", RXE, "NTE|1||b", "OBX|1|NM|1^x^LN||5", "NTE|1||c", kind="RDE^O11")
    assert ["a", "b"] == [each["text"] for each in only(found, "MedicationRequest")["note"]]
    assert 1 == len(resources(found, "Observation"))
