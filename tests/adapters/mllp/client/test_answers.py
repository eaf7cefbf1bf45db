"""What a receiver's answer means."""

from typing import get_args

import pytest

from adapters.mllp.client.answers import EARLIER, UNCONFIRMED, AnswerTable, Meaning, check_key
from adapters.mllp.client.events import Answered, Cause, MaybeSent, NotSent
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

MESSAGE = Message("m1", WholeBody(b""), {}, {})
AGAIN = Message("m1", WholeBody(b""), {}, {}, queued=True, maybe_stored=True)

DEFAULTS: dict[tuple[str, str], Meaning] = {
    ("AE", ""): "park",
    ("CE", "101"): "park",
    ("AE", "206"): "retry",
    ("CE", "207"): "retry",
    ("AR", ""): "retry",
    ("CR", "206"): "retry",
    ("AR", "207"): "retry",
    ("AR", "100"): "park",
    ("CR", "104"): "park",
    ("AR", "200"): "park",
    ("AR", "204"): "park",
    ("AR", "205"): "park",
    ("AE", "205"): "park",
    ("AR", "vendor"): "retry",
    ("AR", "0"): "retry",
}


@pytest.mark.parametrize(("said", "expected"), DEFAULTS.items())
def test_defaults(said: tuple[str, str], expected: Meaning) -> None:
    """The defaults by MSA-1 and ERR-3."""
    code, error = said
    assert expected == AnswerTable().meaning(code, [error] if error else [])


def test_worst() -> None:
    """Of several errors the worst one counts."""
    assert "park" == AnswerTable().meaning("AE", ["207", "101"])


OWN: dict[str, tuple[dict[str, Meaning], str, str, Meaning]] = {
    "by MSA-1": ({"AE": "retry"}, "AE", "101", "retry"),
    "by ERR-3": ({"ERR-3 101": "retry"}, "AE", "101", "retry"),
    "by ERR-3 before MSA-1": ({"ERR-3 207": "park", "AE": "retry"}, "AE", "207", "park"),
    "by both before either": ({"AR ERR-3 207": "park", "ERR-3 207": "retry"}, "AR", "207", "park"),
    "another code": ({"AE": "retry"}, "CE", "101", "park"),
}


@pytest.mark.parametrize(("own", "code", "error", "expected"), OWN.values(), ids=OWN)
def test_own(own: dict[str, Meaning], code: str, error: str, expected: Meaning) -> None:
    """The destination's own rows come first, the most specific one."""
    assert expected == AnswerTable(own).meaning(code, [error])


def negative(code: str, error: str = "", text: str = "") -> Answered:
    """Return a negative answer."""
    err = f"ERR|||{error}|E||||{text}\r" if error else ""
    return Answered(code, f"MSH|^~\\&|\rMSA|{code}|C1\r{err}".encode(), is_positive=False)


AA = Answered("AA", b"A", is_positive=True)
OUTCOMES: dict[str, tuple[Answered | MaybeSent | NotSent | None, Message, Outcome]] = {
    "accepted": (AA, MESSAGE, Stored(b"A")),
    "both": (Answered("CA", b"C", is_positive=True, second=b"A"), MESSAGE, Stored(b"C", second=b"A")),
    "release 2": (Answered("06", b"\x06", is_positive=True), MESSAGE, Stored()),
    "not stored": (
        Answered("15", b"\x15", is_positive=False),
        MESSAGE,
        Unavailable("the receiver answered 15, not stored"),
    ),
    "not sent": (NotSent("refused"), MESSAGE, Unavailable("refused")),
    "maybe": (MaybeSent(Cause.SILENT), MESSAGE, Unavailable(Cause.SILENT, maybe_stored=True)),
    "asks for none": (None, MESSAGE, UNCONFIRMED),
    "refused": (
        negative("AE", "101"),
        MESSAGE,
        Refused("the receiver answered AE: 101 required field missing", negative("AE", "101").block, "207"),
    ),
    "not now": (
        negative("AR", "207"),
        MESSAGE,
        Unavailable("the receiver answered AR: 207 application internal error", reply=negative("AR", "207").block),
    ),
    "a duplicate": (
        negative("AR", "205"),
        MESSAGE,
        Refused("the receiver answered AR: 205 duplicate key identifier", negative("AR", "205").block, "207"),
    ),
    "a duplicate after a maybe": (negative("AR", "205"), AGAIN, Stored()),
    "refused after a maybe": (
        negative("AE"),
        AGAIN,
        Refused(f"the receiver answered AE; {EARLIER}", negative("AE").block, "207"),
    ),
    "not now after a maybe": (
        negative("AR"),
        AGAIN,
        Unavailable(f"the receiver answered AR; {EARLIER}", reply=negative("AR").block),
    ),
}


@pytest.mark.parametrize(("verdict", "message", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcomes(verdict: Answered | MaybeSent | NotSent | None, message: Message, expected: Outcome) -> None:
    """Each verdict has its outcome."""
    assert expected == AnswerTable().outcome(verdict, message)


DUPLICATES: dict[str, tuple[bytes, dict[str, Meaning], type[Outcome]]] = {
    "the only error": (b"ERR|||205|E\r", {}, Stored),
    "a row for all of this MSA-1": (b"ERR|||205|E\r", {"AE": "park"}, Stored),
    "another error, too": (b"ERR|||205|E\rERR|||101|E\r", {}, Refused),
    "in a repetition": (b"ERR|||205~101|E\r", {}, Refused),
    "an error without a code, too": (b"ERR|||205|E\rERR||PID^1|\r", {}, Refused),
    "an own row": (b"ERR|||205|E\r", {"ERR-3 205": "park"}, Refused),
    "an own row of this MSA-1": (b"ERR|||205|E\r", {"AE ERR-3 205": "retry"}, Unavailable),
    "an own row of another MSA-1": (b"ERR|||205|E\r", {"AR ERR-3 205": "park"}, Stored),
}


@pytest.mark.parametrize(("errors", "own", "expected"), DUPLICATES.values(), ids=DUPLICATES)
def test_duplicate_after_a_maybe(errors: bytes, own: dict[str, Meaning], expected: type[Outcome]) -> None:
    """A duplicate counts as stored if nothing else is wrong, and the operator does not know better."""
    answered = Answered("AE", b"\nMSH|^~\\&|\rMSA|AE|C1\r" + errors, is_positive=False)
    assert expected is type(AnswerTable(own).outcome(answered, AGAIN))


OUTLOOKS: dict[str, tuple[Answered | MaybeSent | NotSent | None, Outlook]] = {
    "retry": (negative("AR"), Outlook.DOUBTFUL),
    "park": (negative("AE"), Outlook.FINAL),
    "not sent": (NotSent(), Outlook.BUSY),
    "maybe": (MaybeSent(Cause.RESET), Outlook.BUSY),
    "unconfirmed": (None, Outlook.FINAL),
}


@pytest.mark.parametrize(("verdict", "expected"), OUTLOOKS.values(), ids=OUTLOOKS)
def test_outlooks(verdict: Answered | MaybeSent | NotSent | None, expected: Outlook) -> None:
    """Commit mode learns what to expect of another try."""
    outcome = AnswerTable().outcome(verdict, MESSAGE)
    assert not isinstance(outcome, Stored)
    assert expected is outcome.outlook


def test_no_payload_in_reasons() -> None:
    """A reason repeats nothing of what the receiver quotes."""
    outcome = AnswerTable().outcome(negative("AE", "101", "PID-5 DOE^JOHN is wrong"), MESSAGE)
    assert isinstance(outcome, Refused)
    assert "DOE" not in outcome.reason


@pytest.mark.parametrize("key", ["AA", "CA", "ERR-3", "207", "AE 207", "ERR-3 207 AE", ""])
def test_wrong_keys(key: str) -> None:
    """Only negative acknowledgements have rows: nothing else can ever count as stored."""
    with pytest.raises(ValueError, match="must be like"):
        check_key(key)


def test_meanings() -> None:
    """There is no meaning "stored" for a negative acknowledgement."""
    assert ("park", "retry") == get_args(Meaning)
