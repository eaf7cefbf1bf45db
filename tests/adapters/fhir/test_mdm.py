"""Messages with documents."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from adapters.fhir.mdm import DOCUMENT_EVENTS
from tests.adapters.fhir.making import BERLIN, PID, PV1, fields, made, message, only, resources

TXA = fields("TXA", {1: "1", 12: "D1^DOC", 13: "D0^DOC"})
ORDER = ("ORC|SC|P1^HIS", "OBR|1|P1^HIS||1^x^LN", "NTE|1||seen")


def test_events() -> None:
    """These are the events of HL7 2.8, chapter 9."""
    assert [f"T{number:02}" for number in range(1, 12)] == list(DOCUMENT_EVENTS)


@pytest.mark.parametrize("event", DOCUMENT_EVENTS)
def test_document(event: str) -> None:
    """Every event gives its document, of the patient and the visit."""
    found = resources(made(PID, PV1, TXA, kind=f"MDM^{event}"), "DocumentReference")[0]
    assert {"subject", "masterIdentifier", "context"} <= found.keys()


def test_event_in_evn() -> None:
    """The event may be in EVN-1 only."""
    assert "entered-in-error" == only(made("EVN|T11", PID, TXA, kind="MDM"), "DocumentReference")["status"]


def test_no_patient() -> None:
    """A document without a patient, or without the patient's identifier, is refused."""
    assert NO_PATIENT == convert(message(TXA, kind="MDM^T02"), BERLIN)
    assert NO_PATIENT_ID == convert(message("PID|1", TXA, kind="MDM^T02"), BERLIN)


def test_no_document() -> None:
    """A message without TXA has no document."""
    assert [] == resources(made(PID, PV1, kind="MDM^T02"), "DocumentReference")


def test_two_documents() -> None:
    """Each TXA has the content after it."""
    lines = [TXA, "OBX|1|TX|1^A||one", TXA.replace("D1", "D2"), "OBX|1|TX|1^B||two"]
    found = resources(made(PID, *lines, kind="MDM^T02"), "DocumentReference")
    assert ["A", "B"] == [each["content"][0]["attachment"]["title"] for each in found]


def test_order() -> None:
    """The order of a document is created if the store lacks it: the message is not about it."""
    found = made(PID, *ORDER, TXA, kind="MDM^T02")
    (order,) = [each.entry() for each in found.bundle if each.kind == "ServiceRequest"]
    assert ("POST", [{"text": "seen"}]) == (order["request"]["method"], order["resource"]["note"])


def test_order_without_a_number() -> None:
    """An order without a number is left out."""
    assert [] == resources(made(PID, "ORC|SC", "OBR|1|||1^x^LN", TXA, kind="MDM^T02"), "ServiceRequest")


def test_the_same_document() -> None:
    """Each event about a document leads to the same resource."""
    found = [made(PID, TXA, kind=f"MDM^{event}") for event in ("T02", "T04", "T08", "T11")]
    assert 1 == len({next(each.url for each in one.bundle if each.kind == "DocumentReference") for one in found})
