"""The answer to a peer."""

import json
from dataclasses import replace

import pytest

from adapters.http.answers import Problem
from adapters.http.fhir.answers import answer_about, answer_to
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Response, Stored, Unavailable

OUTCOME = b'{"resourceType":"OperationOutcome"}'


def response(status: int, *headers: tuple[str, str]) -> Response:
    """Return a response of a store."""
    return Response(status, headers, OUTCOME)


OF_THE_STORE: dict[str, tuple[Outcome, int]] = {
    "created": (Stored(response=response(201)), 201),
    "deleted": (Stored(response=response(204)), 204),
    "not valid": (Refused("r", response=response(400)), 400),
    "not there": (Refused("r", response=response(404)), 404),
    "gone": (Refused("r", response=response(410)), 410),
    "several": (Refused("r", response=response(412)), 412),
    "refused": (Refused("r", response=response(422)), 422),
    "another version": (Unavailable("r", response=response(409)), 409),
    "too often": (Unavailable("r", response=response(429)), 429),
    "failed": (Unavailable("r", response=response(500)), 500),
    "away": (Unavailable("r", response=response(503)), 503),
}
OURS: dict[str, tuple[Outcome, int, str]] = {
    "no response": (Stored(), 200, "informational"),
    "no route": (NO_ROUTE, 404, "not-supported"),
    "refused by a step": (Refused("r", by_step=True), 422, "processing"),
    "no answer": (Unavailable("r", maybe_stored=True), 504, "timeout"),
    "no connection": (Unavailable("r"), 503, "transient"),
    "our credentials": (Unavailable("r", response=response(401)), 502, "exception"),
    "our rights": (Unavailable("r", response=response(403)), 502, "exception"),
    "our rights, refused": (Refused("r", response=response(403)), 502, "exception"),
    "our address": (Unavailable("r", response=response(404)), 502, "exception"),
    "a success that is none": (Refused("r", response=response(200)), 422, "processing"),
    "a success in doubt": (Unavailable("r", maybe_stored=True, response=response(200)), 502, "exception"),
}


@pytest.mark.parametrize(("outcome", "status"), OF_THE_STORE.values(), ids=OF_THE_STORE)
def test_of_the_store(outcome: Outcome, status: int) -> None:
    """Where the store's status says what became of the request, the peer gets the store's response."""
    assert (status, OUTCOME) == ((answer := answer_to(outcome)).status, answer.body)


@pytest.mark.parametrize(("outcome", "status", "code"), OURS.values(), ids=OURS)
def test_ours(outcome: Outcome, status: int, code: str) -> None:
    """Otherwise an OperationOutcome says it; a success is never passed on for what is not stored."""
    answer = answer_to(outcome)
    assert (status, code) == (answer.status, json.loads(answer.body)["issue"][0]["code"])
    assert ("Content-Type", "application/fhir+json; charset=utf-8") in answer.headers


@pytest.mark.parametrize("outcome", [Refused("r"), Unavailable("r", maybe_stored=True)])
def test_a_batch(outcome: Refused | Unavailable) -> None:
    """The response to a batch is passed on although entries have failed; but not what is about our credentials."""
    passed = answer_to(replace(outcome, response=response(200)), is_batch=True)
    assert (200, OUTCOME) == (passed.status, passed.body)
    assert 502 == answer_to(replace(outcome, response=response(401)), is_batch=True).status


def test_headers_of_the_store() -> None:
    """ETag, Location and what else belongs to the resource are passed on; what belongs to the connection is not."""
    headers = (("ETag", 'W/"1"'), ("Location", "x"), ("Set-Cookie", "c"), ("Connection", "close"), ("Server", "s"))
    assert (("ETag", 'W/"1"'), ("Location", "x")) == answer_to(Stored(response=response(201, *headers))).headers


def test_later() -> None:
    """When to come again is passed on in whole seconds, and said in any case with a 503 of ours."""
    asked = Unavailable("r", retry_after=0.2, response=response(429))
    assert (("Retry-After", "1"),) == answer_to(asked).headers
    told = Unavailable("r", retry_after=9.0, response=response(503, ("Retry-After", "8")))
    assert (("Retry-After", "8"),) == answer_to(told).headers
    assert ("Retry-After", "5") in answer_to(Unavailable("r")).headers


def test_uncertain() -> None:
    """A peer learns that the store may have executed its request."""
    text = json.loads(answer_to(Unavailable("no answer", maybe_stored=True)).body)["issue"][0]["diagnostics"]
    assert "no answer; it is not certain whether the store has executed the request" == text


def test_a_problem() -> None:
    """What Hilum refuses has the status, the code, the sentence and the fields of the problem."""
    answer = answer_about(Problem(405, "not-supported", "a sentence", None, (("Allow", "POST"),)))
    assert (405, ("Allow", "POST")) == (answer.status, answer.headers[-1])
    issue = {"severity": "error", "code": "not-supported", "diagnostics": "a sentence"}
    assert {"resourceType": "OperationOutcome", "issue": [issue]} == json.loads(answer.body)
