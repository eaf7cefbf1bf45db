"""What was dispensed, and what was given."""

import pytest

from adapters.fhir.doses import ENDED
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

ORC = "ORC|RE|P1|F1"


def rxd(**values: str) -> str:
    """Return an RXD."""
    return fields("RXD", {1: "1", 2: "1^Aspirin^L", 3: "20240501", **{int(k[1:]): v for k, v in values.items()}})


def rxa(**values: str) -> str:
    """Return an RXA."""
    given = {1: "0", 2: "1", 3: "20240501", 5: "1^Aspirin^L", 6: "1", 7: "mg"}
    return fields("RXA", {**given, **{int(k[1:]): v for k, v in values.items()}})


def dispensed(*segments: str) -> Json:
    """Return what was dispensed."""
    return only(made(PID, *segments, kind="RDS^O13"), "MedicationDispense")


def given(*segments: str) -> Json:
    """Return what was given."""
    return only(made(PID, *segments, kind="RAS^O17"), "MedicationAdministration")


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    assert set(ENDED.values()) <= bindings()["http://hl7.org/fhir/ValueSet/medicationdispense-status"]


@pytest.mark.parametrize(("control", "status"), [("RE", "completed"), ("CA", "cancelled"), ("DE", "entered-in-error")])
def test_status_of_a_dispense(control: str, status: str) -> None:
    """What was dispensed is completed, unless ORC-1 undoes it."""
    assert status == dispensed(f"ORC|{control}|P1", rxd())["status"]


STATUSES = {
    "complete": ({"f20": "CP"}, "completed"),
    "empty": ({}, "completed"),
    "partly": ({"f20": "PA"}, "completed"),
    "refused": ({"f20": "RE"}, "not-done"),
    "a reason of a refusal": ({"f18": "^asleep"}, "not-done"),
    "deleted": ({"f20": "CP", "f21": "D"}, "entered-in-error"),
}


@pytest.mark.parametrize(("values", "status"), STATUSES.values(), ids=STATUSES)
def test_status_of_an_administration(values: dict[str, str], status: str) -> None:
    """The status follows from RXA-20, RXA-18 and RXA-21."""
    assert status == given(ORC, rxa(**values))["status"]


def test_status_that_is_no_code() -> None:
    """A completion status that HL7 does not have is reported."""
    assert LeftOut("RXA-20", Reason.NOT_IN_TABLE) in made(PID, ORC, rxa(f20="ZZ"), kind="RAS^O17").report


KEYS = {
    "the same": ((ORC, rxd()), (ORC, rxd(f4="30")), True),
    "another one of the order": ((ORC, rxd()), (ORC, rxd(f1="2")), False),
    "another day": ((ORC, rxd()), (ORC, rxd(f3="20240601")), False),
    "the prescription's number": ((rxd(f7="RX1"),), (rxd(f7="RX1"),), True),
    "another prescription": ((rxd(f7="RX1"),), (rxd(f7="RX2"),), False),
}


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS.values(), ids=KEYS)
def test_key(one: tuple[str, ...], other: tuple[str, ...], is_same: bool) -> None:
    """A dispense is found again by the order, its counter, the medication and the time."""
    urls = [
        each.url
        for segments in (one, other)
        for each in made(PID, *segments, kind="RDS^O13").bundle
        if each.kind == "MedicationDispense"
    ]
    assert is_same == (urls[0] == urls[1])


@pytest.mark.parametrize(("text", "reason"), [(rxa(), Reason.KEYED_BY_START), (rxa(f3=""), Reason.NO_KEY)])
def test_no_number(text: str, reason: Reason) -> None:
    """Without an order a dose is identified by the patient, what it is and when; without these it is left out."""
    found = made(PID, text, kind="RAS^O17")
    assert LeftOut("RXA-5", reason) in found.report
    assert (reason is Reason.KEYED_BY_START) == bool(resources(found, "MedicationAdministration"))


SUBSTITUTIONS = {"G": True, "N": False, "1": False, "": None, "3": None}


@pytest.mark.parametrize(("sent", "expected"), SUBSTITUTIONS.items())
def test_substitution(sent: str, expected: bool | None) -> None:
    """R4 wants to know whether another product was dispensed; a code that does not say it is reported."""
    found = made(PID, ORC, rxd(f11=sent), kind="RDS^O13")
    assert expected == only(found, "MedicationDispense").get("substitution", {}).get("wasSubstituted")
    assert (sent == "3") == (LeftOut("RXD-11", Reason.NO_ELEMENT) in found.report)


TIMES: dict[str, tuple[dict[str, str], Json]] = {
    "a moment": ({"f4": "20240501"}, {"effectiveDateTime": "2024-05-01"}),
    "no end": ({}, {"effectiveDateTime": "2024-05-01"}),
    "a period": ({"f4": "20240502"}, {"effectivePeriod": {"start": "2024-05-01", "end": "2024-05-02"}}),
    "the end only": ({"f3": "", "f4": "20240502"}, {"effectivePeriod": {"end": "2024-05-02"}}),
}


@pytest.mark.parametrize(("values", "expected"), TIMES.values(), ids=TIMES)
def test_time(values: dict[str, str], expected: Json) -> None:
    """It was given at a moment, or for a time."""
    found = given(ORC, rxa(**values))
    assert expected == {name: value for name, value in found.items() if name.startswith("effective")}


@pytest.mark.parametrize("raw", ["", '""'])
def test_no_time(raw: str) -> None:
    """R4 demands a time: it is absent with a reason where none is sent."""
    assert "extension" in given(ORC, rxa(f3=raw))["effectivePeriod"]


def test_no_dose() -> None:
    """Beside a route R4 wants a dose (mad-1): it is absent with a reason where it is not known."""
    assert "extension" in given(ORC, rxa(f6="999"), "RXR|PO")["dosage"]["dose"]
    assert "dosage" not in given(ORC, rxa(f6=""))


def test_number_of_the_order() -> None:
    """The order's number is in a reference, because several doses have the same one."""
    found = made(PID, ORC, rxa(), kind="RAS^O17")
    (body,) = (each.body for each in found.bundle if each.kind == "MedicationAdministration")
    assert ("P1", 1) == (body["request"]["identifier"]["value"], len(body["identifier"]))


def test_no_order() -> None:
    """Without an order nothing is referred to."""
    assert "authorizingPrescription" not in dispensed(rxd(f7="RX1"))


def test_observations() -> None:
    """What was observed with a dose supports it."""
    assert 1 == len(given(ORC, rxa(), "OBX|1|NM|1^x^LN||5")["supportingInformation"])
