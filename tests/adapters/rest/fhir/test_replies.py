"""What a FHIR store's reply means, for the replies of several servers."""

import json
from typing import Any

import pytest

from adapters.rest.fhir.replies import (
    ROWS,
    UNREADABLE,
    Conflict,
    Done,
    failed_entries,
    failure,
    read_bundle,
    settled,
    single,
)
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import Answers
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

ANSWERS = Answers(ROWS)
KINDS = ["Patient", "Observation"]


def outcome(code: str, **issue: Any) -> dict[str, Any]:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, **issue}]}


def reply(status: int, body: Any = None, **fields: str) -> Reply:
    """Return a reply with JSON."""
    return Reply(status, fields, b"" if body is None else json.dumps(body).encode())


def bundle(*responses: Any) -> Reply:
    """Return the reply to a transaction."""
    entries = [{"response": each} for each in responses]
    return reply(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


OK = {"status": "200 OK", "location": "https://x/fhir/Patient/1/_history/2"}
CREATED = {"status": "201", "location": "Observation/a.b-c"}


def test_stored() -> None:
    """Each entry has its status, and the address of its resource."""
    expected = [Done(200, "Patient/1", version="2"), Done(201, "Observation/a.b-c")]
    assert expected == read_bundle(bundle(OK, CREATED), KINDS, ANSWERS)
    assert None is failed_entries(expected, KINDS, ANSWERS)


UNREAD = {
    "fewer entries": bundle(OK),
    "more entries": bundle(OK, OK, OK),
    "an entry without status": bundle(OK, {}),
    "an entry without response": reply(200, {"entry": [{}, {}]}),
    "an odd status": bundle(OK, {"status": 200}),
    "no number": bundle(OK, {"status": "fine"}),
    "a page": Reply(200, {}, b"<html>welcome</html>"),
    "nothing": Reply(200, {}, b""),
    "another form": reply(200, {"entry": 1}),
}


@pytest.mark.parametrize("answer", UNREAD.values(), ids=UNREAD)
def test_unread(answer: Reply) -> None:
    """A success that does not tell of each entry is none."""
    assert UNREADABLE == read_bundle(answer, KINDS, ANSWERS)
    assert UNREADABLE.maybe_stored


FAILED: dict[str, tuple[list[Any], type, str]] = {
    "Medplum: a bad entry in a success": (
        [OK, {"status": "400", "outcome": outcome("invariant", expression=["Observation.value[x]"])}],
        Refused,
        "the store said invariant at Observation.value[x] of entry 1 (Observation); the store found an error",
    ),
    "without an outcome": (
        [{"status": "422"}, OK],
        Refused,
        "the store said HTTP 422 of entry 0 (Patient); the store found an error in the message",
    ),
    "a conflict": ([{"status": "412 Precondition Failed"}, OK], Conflict, ""),
    "gone": ([{"status": "404"}, OK], Conflict, ""),
    "the refusal counts": ([{"status": "409"}, {"status": "400"}], Refused, ""),
    "the conflict counts": ([{"status": "503"}, {"status": "409"}], Conflict, ""),
    "busy": ([{"status": "429"}, OK], Unavailable, ""),
    "transient": ([{"status": "400", "outcome": outcome("transient")}, OK], Unavailable, ""),
}


@pytest.mark.parametrize(("responses", "kind", "reason"), FAILED.values(), ids=FAILED)
def test_failed_entry(responses: list[Any], kind: type, reason: str) -> None:
    """A success with a failed entry is a failure."""
    done = read_bundle(bundle(*responses), KINDS, ANSWERS)
    assert isinstance(done, list)
    failed = failed_entries(done, KINDS, ANSWERS)
    assert isinstance(failed, kind)
    assert reason in str(getattr(failed, "reason", ""))


def test_word_of_the_sender() -> None:
    """A type that FHIR does not define is not repeated: it is what the sender wrote."""
    said = outcome("invariant", expression=["Doe.name"])
    done = read_bundle(bundle({"status": "400", "outcome": said}), ["Doe"], ANSWERS)
    assert isinstance(done, list)
    failed = failed_entries(done, ["Doe"], ANSWERS)
    assert isinstance(failed, Refused)
    assert "the store said invariant of entry 0; the store found an error in the message" == failed.reason


GOOGLE = outcome("structure", details={"text": "unparseable_resource"}, diagnostics='error at "entry[4].resource": x')
STATUSES: list[tuple[Reply, type, Outlook | None]] = [
    (reply(400, GOOGLE), Refused, Outlook.FINAL),
    (reply(422, outcome("processing")), Refused, Outlook.FINAL),
    (reply(413), Refused, Outlook.FINAL),
    (Reply(400, {}, b"<html><title>400 Bad Request</title></html>"), Refused, Outlook.DOUBTFUL),
    (reply(400, outcome("lock-error")), Unavailable, Outlook.TEMPORARY),
    (reply(401), Unavailable, Outlook.TEMPORARY),
    (reply(403, outcome("forbidden")), Unavailable, Outlook.TEMPORARY),
    (reply(404, {"error": {"code": 404, "status": "NOT_FOUND"}}), Unavailable, Outlook.TEMPORARY),
    (reply(404, outcome("not-found")), Conflict, None),
    (reply(410, outcome("deleted")), Conflict, None),
    (reply(409), Conflict, None),
    (reply(412, outcome("conflict")), Conflict, None),
    (reply(429, outcome("throttled")), Unavailable, Outlook.BUSY),
    (reply(500), Unavailable, Outlook.TEMPORARY),
    (reply(503), Unavailable, Outlook.BUSY),
]


@pytest.mark.parametrize(("answer", "kind", "outlook"), STATUSES)
def test_status(answer: Reply, kind: type, outlook: Outlook | None) -> None:
    """Refused are 400 and 422, which stay the same; conflicts are read again; the rest is tried again."""
    found = failure(answer, frozenset(KINDS), ANSWERS)
    assert kind is type(found)
    assert outlook is None or (isinstance(found, Refused | Unavailable) and found.outlook is outlook)


def test_reason() -> None:
    """The reason has the issue's code and the place."""
    found = failure(reply(400, GOOGLE), frozenset(KINDS), ANSWERS)
    assert found.reason.startswith("the store said structure at entry[4].resource")


def test_lasting_conflict() -> None:
    """A conflict that does not end is tried again later, as the store says."""
    found = failure(Reply(409, {}, b"", 7.0), frozenset(KINDS), ANSWERS)
    assert isinstance(found, Conflict)
    last = settled(found, ANSWERS)
    assert (7.0, Outlook.TEMPORARY, False) == (last.retry_after, last.outlook, last.maybe_stored)


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Stored), (201, Stored), (204, Stored), (400, Refused), (412, Unavailable)]
)
def test_single(status: int, kind: type) -> None:
    """A single interaction is stored with a success."""
    assert kind is type(single(reply(status), "Patient", ANSWERS))
