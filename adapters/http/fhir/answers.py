"""The answer to a peer: the store's own response, or an OperationOutcome that says why there is none.

503 means that the store has not executed the request: it can be repeated. After 502 and 504 it is not certain whether
it has. The store's 401 and 403 are about Hilum's credentials, not about those of the peer, so they become 502.
"""

import math

import msgspec

from adapters.http.answers import Answer, Headers, Problem
from gateway.contract.outcome import Outcome, Refused, Response, Stored, Unavailable

JSON = ("Content-Type", "application/fhir+json; charset=utf-8")
FROM_STORE = frozenset({"content-location", "content-type", "etag", "last-modified", "location", "retry-after"})
"""The header fields of a store's response that a peer gets."""
OURS = frozenset({401, 403, 407, 511})
"""Statuses about credentials or proxies."""
PASSING = frozenset({408, 409, 412, 423, 425, 429})
"""Statuses below 500 that a store may take back later."""
REPEAT_SECONDS = 5
"""``Retry-After`` where nobody has said how long it will take."""
NO_RESPONSE = "the destination has taken it, and has not sent a response that could be passed on"
UNCERTAIN = "it is not certain whether the store has executed the request"


def answer_to(outcome: Outcome, *, is_batch: bool = False) -> Answer:
    """Return the answer to a request that was delivered.

    The response to a batch says of each entry what became of it, and has a success although entries have failed.
    """
    response = outcome.response
    if isinstance(outcome, Stored):
        return _own(200, "information", "informational", NO_RESPONSE) if response is None else _passed(response)
    headers: Headers = ()
    if isinstance(outcome, Unavailable) and outcome.retry_after is not None:
        headers = _later(outcome.retry_after)
    if response is not None and _is_passed(response.status, outcome, is_batch=is_batch):
        return _passed(response, headers)
    return _refusal(outcome) if isinstance(outcome, Refused) else _failure(outcome, headers)


def answer_about(problem: Problem) -> Answer:
    """Return the answer to a request that is not delivered."""
    return _own(problem.status, "error", problem.code, problem.text, problem.headers)


def _is_passed(status: int, outcome: Refused | Unavailable, *, is_batch: bool) -> bool:
    """Whether the store's own response says what the outcome says."""
    if status < 400 or status in OURS:
        return is_batch and 200 <= status < 300
    return isinstance(outcome, Refused) or status in PASSING or status >= 500


def _refusal(outcome: Refused) -> Answer:
    if outcome.response is not None and outcome.response.status in OURS:
        return _own(502, "error", "exception", outcome.reason)
    if outcome.unsupported:
        return _own(404, "error", "not-supported", outcome.reason)
    return _own(422, "error", "processing", outcome.reason)


def _failure(outcome: Unavailable, headers: Headers) -> Answer:
    if outcome.response is not None:
        return _own(502, "error", "exception", outcome.reason, headers)
    if outcome.maybe_stored:
        return _own(504, "error", "timeout", f"{outcome.reason}; {UNCERTAIN}", headers)
    return _own(503, "error", "transient", outcome.reason, headers or _later(REPEAT_SECONDS))


def _later(seconds: float) -> Headers:
    return (("Retry-After", str(max(1, math.ceil(seconds)))),)


def _passed(response: Response, headers: Headers = ()) -> Answer:
    own = tuple((name, value) for name, value in response.headers if name.lower() in FROM_STORE)
    named = {name.lower() for name, _ in own}
    more = tuple((name, value) for name, value in headers if name.lower() not in named)
    return Answer(response.status, (*own, *more), response.body)


def _own(status: int, severity: str, code: str, text: str, headers: Headers = ()) -> Answer:
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return Answer(status, (JSON, *headers), msgspec.json.encode({"resourceType": "OperationOutcome", "issue": [issue]}))
