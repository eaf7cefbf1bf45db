"""A request over HTTP and its answer: it cannot leave the base of the store, and every reader takes its body alike."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from adapters.fhir.message import EXECUTED, facts_of, patient_of, subject_of
from adapters.http.answers import Answer, Problem
from adapters.http.fhir.answers import FROM_STORE, OURS, answer_about, answer_to
from adapters.http.fhir.bodies import problem_of
from adapters.http.fhir.files import lines, read_file
from adapters.http.fhir.requests import VALUE, read_request
from adapters.http.fhir.well_formed import MOST_DEPTH, flaw_of
from gateway.contract.fhir import PASSED_ON, TARGET, Interaction
from gateway.contract.outcome import Outcome, Refused, Response, Stored, Unavailable
from tests.fuzz.source import Source

BASES = ("/fhir", "", "/a/b")
METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET", "post", "")
NAMES = (*PASSED_ON, "Accept", "Content-Encoding", "if-match", "X")
STATUSES = (200, 201, 202, 304, 400, 401, 403, 404, 407, 409, 412, 422, 429, 500, 503, 511)
UNDERSTOOD = frozenset({*STATUSES, 405, 406, 415, 502, 504})


def target(data: bytes) -> None:
    """Read the octets as an address, fields, a store's outcome and a body."""
    source = Source(data)
    base, method = source.choice(BASES), source.choice(METHODS)
    address = (base if source.octet() & 1 else "") + source.take().decode("latin-1")
    fields = [(source.choice(NAMES), source.take().decode("latin-1")) for _ in range(source.octet() % 4)]
    outcome, is_batch = _outcome(source), bool(source.octet() & 1)
    body = source.rest()
    _check_answer(answer_to(outcome, is_batch=is_batch), outcome, is_batch=is_batch)
    asked = read_request(method, address, fields, base)
    if isinstance(asked, Problem):
        _check_problem(asked)
    else:
        _check_interaction(asked, method, fields)
    _check_body(asked if isinstance(asked, Interaction) else Interaction("POST", ""), body)


def _outcome(source: Source) -> Outcome:
    response = None
    if source.octet() & 1:
        name = source.choice(("ETag", "Location", "Set-Cookie", "Retry-After", "Content-Type"))
        response = Response(source.choice(STATUSES), ((name, source.take().decode("latin-1")),), source.take())
    after = source.choice((None, 0.0, 0.2, 86400.0))
    outcomes: tuple[Outcome, ...] = (
        Stored(response=response),
        Refused("it refuses", response=response, unsupported=after == 0.0),
        Unavailable("it is away", after, maybe_stored=bool(source.octet() & 1), response=response),
    )
    return source.choice(outcomes)


def _check_answer(answer: Answer, outcome: Outcome, *, is_batch: bool) -> None:
    assert answer.status in UNDERSTOOD
    assert {name.lower() for name, _ in answer.headers} <= FROM_STORE
    response = outcome.response
    if response is not None and answer.body == response.body and answer.status == response.status:
        assert isinstance(outcome, Stored) or is_batch or response.status not in OURS
    else:
        (issue,) = json.loads(answer.body)["issue"]
        assert isinstance(outcome, Stored) or issue["diagnostics"].startswith(outcome.reason)
    if not isinstance(outcome, Stored):
        assert answer.status >= 400 or (is_batch and 200 <= answer.status < 300)


def _check_problem(problem: Problem) -> None:
    assert problem.rejection is None or problem.status == 400
    assert 400 <= problem.status < 500
    assert "OperationOutcome" == json.loads(answer_about(problem).body)["resourceType"]


def _check_interaction(asked: Interaction, method: str, fields: list[tuple[str, str]]) -> None:
    assert asked.method == method
    assert TARGET.fullmatch(asked.url)
    assert {".", ".."}.isdisjoint(asked.url.partition("?")[0].split("/"))
    assert asked.url or method == "POST"
    assert method == "POST" or "/" in asked.url or "?" in asked.url, "it would be about all resources of a type"
    assert {name for name, _ in asked.headers} <= set(PASSED_ON)
    assert all(VALUE.fullmatch(value) for _, value in asked.headers)
    given = [value for name, value in fields if name.lower() == "if-match"]
    assert given == [value for name, value in asked.headers if name == "If-Match"], "a condition may not be lost"


def _check_body(asked: Interaction, body: bytes) -> None:
    facts = facts_of(body, asked)
    patient_of(body, asked)
    subject_of(body)
    problem = problem_of(asked, body, facts)
    read = _read(body)
    assert (flaw_of(body) is None) == (read is not _UNREAD)
    if problem is None and asked.method != "DELETE":
        assert read is not _UNREAD
        assert asked.method == "PATCH" or isinstance(read, dict)
        if not asked.url:  # another reader would execute, or not execute, what routes were chosen for
            assert ("Bundle", facts["interaction"]) == (read["resourceType"], EXECUTED[read["type"]])
    try:
        messages = list(read_file(body, "in"))
    except ValueError:
        return
    assert [read["resourceType"]] == [each.facts["resource_type"] for each in messages]
    assert lines(body)


_UNREAD = object()


def _read(body: bytes) -> Any:
    """Return what another reader takes for the value, if there is only one that a reader can take it for."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_constant
        )
        return _UNREAD if max(_depths(value), default=0) > MOST_DEPTH else value
    except (ValueError, RecursionError):
        return _UNREAD


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depths(value: Any) -> Iterator[int]:
    """Yield how many objects and lists each value is in, itself among them."""
    waiting = [(value, 0)]
    while waiting:
        current, depth = waiting.pop()
        if isinstance(current, dict | list):
            inner = current.values() if isinstance(current, dict) else current
            waiting += [(each, depth + 1) for each in inner]
            yield depth + 1
