"""What the response to a request with several instances means for one of them, row by row."""

import pytest

from adapters.rest.dicomweb.stow_batch import batch_outcome
from adapters.rest.dicomweb.stow_response import Accepted, Doubt, Failed, Report
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

OWN = "1.2.3"
CONFLICT = Refused("the message conflicts with what the store holds", code="0111")
REASON = "the store failed to store the instance"
FAILED = Refused(f"the store said 0110 processing failure; {REASON}", code="0110")
SILENT = "the store did not say what became of the instance"
LOST = Unavailable("the store answered 200 but does not hold the instance")
NO_ROOM = Unavailable(
    "the store said A700 out of resources; the store has no room or time for the instance now", code="A700"
)

OTHERS: dict[str, Accepted | Failed] = {"1.2.4": Accepted(), "1.2.5": Failed(0xC000)}

OUTCOMES: dict[str, tuple[int, Accepted | Failed | None, Failed | None, Outcome | Doubt | None]] = {
    "stored": (200, Accepted(), None, Stored()),
    "stored among failures": (202, Accepted(), None, Stored()),
    "stored among nameless failures": (202, Accepted(), Failed(0xC000), Stored()),
    "stored with a warning": (202, Accepted(0xB000), None, Stored(code="B000")),
    "failed among stored": (
        202,
        Failed(0xC122),
        None,
        Refused(f"the store said C122 transfer syntax not supported; {REASON}", code="C122"),
    ),
    "out of resources among stored": (202, Failed(0xA700), None, NO_ROOM),
    "failed without a cause: perhaps a duplicate": (202, Failed(0x0110), None, Doubt(FAILED, FAILED)),
    "failed without a cause, all of them": (409, Failed(0x0110), None, Doubt(FAILED, FAILED)),
    "failed without a reason: perhaps a duplicate": (202, Failed(), None, Doubt(CONFLICT, CONFLICT)),
    "not mentioned with 200": (200, None, None, Doubt(LOST, Unavailable(SILENT, maybe_stored=True))),
    "not mentioned with 202": (
        202,
        None,
        None,
        Doubt(Unavailable(SILENT), Unavailable(SILENT, maybe_stored=True)),
    ),
    "not mentioned with 409": (409, None, None, None),
    "perhaps the nameless failure": (202, None, Failed(0xC000), None),
    "perhaps the nameless failure of all": (409, None, Failed(0xC000), None),
    "400": (400, None, None, None),
    "400 with a verdict": (400, Failed(), None, None),
    "413": (413, None, None, None),
    "415": (415, None, None, None),
    "422": (422, None, Failed(0xC000), None),
    "401": (401, None, None, Unavailable("the store does not accept the credentials (HTTP 401)")),
    "503": (503, None, None, Unavailable("the store is out of service (HTTP 503)")),
    "503 with a nameless failure": (503, None, Failed(), Unavailable("the store is out of service (HTTP 503)")),
}


@pytest.mark.parametrize(("status", "own", "nameless", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(
    status: int, own: Accepted | Failed | None, nameless: Failed | None, expected: Outcome | Doubt | None
) -> None:
    """An instance is judged by the verdict that names it, and not by the failure of another."""
    named = OTHERS if own is None else {**OTHERS, OWN: own}
    assert expected == batch_outcome(Reply(status, {}, b""), Report(named, nameless, recognised=True), OWN)


def test_retry_after_is_kept() -> None:
    """The Retry-After of a store that is out of service counts for every instance."""
    outcome = batch_outcome(Reply(503, {}, b"", retry_after=9.0), Report({}), OWN)
    assert isinstance(outcome, Unavailable)
    assert 9.0 == outcome.retry_after
