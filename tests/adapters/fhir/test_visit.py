"""Encounters."""

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, PV1, made, only, resources

DISCHARGED = "PV1|1|I|||||||||||||||||V1^^^H" + "|" * 26 + "20240502"
CASES = {
    "an admission": ("A01", PV1, "in-progress", True),
    "an update": ("A08", PV1, "unknown", False),
    "an update with a discharge": ("A08", DISCHARGED, "finished", True),
    "a cancelled admission with a discharge": ("A11", DISCHARGED, "cancelled", True),
    "a discharge": ("A03", PV1, "finished", True),
    "a cancelled discharge": ("A13", DISCHARGED, "in-progress", True),
}


@pytest.mark.parametrize(("event", "pv1", "status", "owned"), CASES.values(), ids=CASES)
def test_status(event: str, pv1: str, status: str, owned: bool) -> None:
    """The event, or a time of discharge, sets the status; a status that nobody said is for a new resource only."""
    found = made(PID, pv1, kind=f"ADT^{event}")
    (encounter,) = (each for each in found.bundle if each.kind == "Encounter")
    assert (status, owned) == (encounter.body["status"], "status" in encounter.owns)


def test_end_of_a_discharge() -> None:
    """The end is PV1-45, else when the event happened."""
    found = only(made("EVN|A03|20240502|||||", PID, PV1, kind="ADT^A03"), "Encounter")
    assert "2024-05-02" == found["period"]["end"]


def test_cancelled_discharge() -> None:
    """A cancelled discharge removes the end and the disposition."""
    found = made(PID, DISCHARGED, kind="ADT^A13")
    (encounter,) = (each for each in found.bundle if each.kind == "Encounter")
    assert "period" not in encounter.body
    assert {"period.end", "hospitalization.dischargeDisposition"} <= encounter.clears


def test_no_class() -> None:
    """R4 demands a class: it is unknown where PV1-2 is empty, and the message does not own it."""
    found = made(PID, PV1.replace("|I|", "||"))
    (encounter,) = (each for each in found.bundle if each.kind == "Encounter")
    assert ("UNK", False) == (encounter.body["class"]["code"], "class" in encounter.owns)


def test_no_key() -> None:
    """A visit without number and start is left out and reported."""
    found = made(PID, "PV1|1|I|W1")
    assert [] == resources(found, "Encounter")
    assert {"PV1-19": Reason.NO_KEY, "PV1-3": Reason.NOT_MAPPED}.items() <= {
        each.place: each.reason for each in found.report
    }.items()


def test_keyed_by_start() -> None:
    """A visit without number is identified by its start, which is reported."""
    found = made(PID, "PV1|1|I" + "|" * 42 + "20240501")
    assert 1 == len(resources(found, "Encounter"))
    assert Reason.KEYED_BY_START in {each.reason for each in found.report}


def test_more_of_a_visit() -> None:
    """PV2 adds its reason."""
    found = only(made(PID, PV1, "PV2|||^Fall"), "Encounter")
    assert [{"text": "Fall"}] == found["reasonCode"]


HISTORIES = {
    "when it happened": ("EVN|A01|20240502||||20240501", "A01", "2024-05-01", False),
    "when it was recorded": ("EVN|A01|20240502", "A01", "2024-05-02", False),
    "a change of the class": ("EVN|A06|20240502", "A06", "2024-05-02", True),
}


@pytest.mark.parametrize(("evn", "event", "since", "with_class"), HISTORIES.values(), ids=HISTORIES)
def test_history(evn: str, event: str, since: str, with_class: bool) -> None:
    """An event adds since when the visit has its status, and A06 and A07 its class."""
    found = made(evn, PID, PV1, kind=f"ADT^{event}")
    (encounter,) = (each for each in found.bundle if each.kind == "Encounter")
    assert [{"status": "in-progress", "period": {"start": since}}] == encounter.body["statusHistory"]
    assert with_class == ("classHistory" in encounter.body)
    assert {"statusHistory", "classHistory"} & encounter.body.keys() == encounter.adds


@pytest.mark.parametrize(("evn", "event"), [("EVN|A08|20240502", "A08"), ("EVN|A01", "A01"), ("NTE|1", "A01")])
def test_no_history(evn: str, event: str) -> None:
    """An event that sets no status, or whose time is not known, adds nothing."""
    assert "statusHistory" not in only(made(evn, PID, PV1, kind=f"ADT^{event}"), "Encounter")


def test_no_class_in_the_history() -> None:
    """A class that the message does not say is not in the history."""
    found = made("EVN|A06|20240502", PID, PV1.replace("|I|", "||"), kind="ADT^A06")
    assert "classHistory" not in only(found, "Encounter")


def test_expected_times() -> None:
    """PV2-8 and PV2-9 are extensions, because they are elements of R5."""
    found = only(made(PID, PV1, "PV2||||||||20240501|20240502"), "Encounter")
    assert ["2024-05-01", "2024-05-02"] == [each["valueDateTime"] for each in found["extension"]]


def test_discharge_before_the_admission() -> None:
    """A discharge that is recorded before the admission ends nothing."""
    found = only(made("EVN|A03|20240501", PID, PV1 + "|" * 25 + "20240502", kind="ADT^A03"), "Encounter")
    assert {"start": "2024-05-02"} == found["period"]
