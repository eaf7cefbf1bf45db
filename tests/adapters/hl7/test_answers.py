"""Outcomes to acknowledgements."""

import itertools
from datetime import UTC, datetime

import pytest

from adapters.hl7.acknowledgement import answer_code
from adapters.hl7.answers import (
    AfterCommitNak,
    Answer,
    AnswerCodes,
    Answering,
    ApplicationAck,
    answer_is_due,
    answers,
    asks_for_answer,
)
from adapters.hl7.er7 import Header
from gateway.contract.outcome import Finding, Outcome, Refused, Stored, Unavailable

STORED = Stored()
REFUSED = Refused("bad content", code="102")
UNSUPPORTED = Refused("not taken here", unsupported=True)
UNAVAILABLE = Unavailable("store is down")


def ask(
    outcome: Outcome,
    modes: str = "",
    codes: AnswerCodes | None = None,
    application_ack: ApplicationAck = "same_connection",
    after_commit_nak: AfterCommitNak = "none",
) -> list[Answer]:
    """Return the answers to a message with *modes* (such as ``AL NE``) in MSH-15 and MSH-16."""
    accept, _, application = modes.partition(" ")
    header = Header.parse(f"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5|||{accept}|{application}\r".encode())
    assert header is not None
    ids = (f"ID{number}" for number in itertools.count())
    now = datetime(2024, 1, 2, tzinfo=UTC)
    answering = Answering(lambda: now, lambda: next(ids), codes or AnswerCodes(), application_ack, after_commit_nak)
    return answers(header, outcome, answering)


ORIGINAL = {
    "stored": (STORED, "AA", None),
    "refused": (REFUSED, "AE", "102"),
    "refused without a code": (Refused("x"), "AE", "207"),
    "refused with a code of another protocol": (Refused("x", code="C000"), "AE", "207"),
    "unsupported": (UNSUPPORTED, "AR", "200"),
    "unsupported by its code": (Refused("x", code="203"), "AR", "203"),
    "unavailable": (UNAVAILABLE, "AR", "207"),
}


@pytest.mark.parametrize(("outcome", "code", "error"), ORIGINAL.values(), ids=ORIGINAL)
def test_original_mode(outcome: Outcome, code: str, error: str | None) -> None:
    """With MSH-15 and MSH-16 empty there is one application acknowledgement, by the table."""
    (answer,) = ask(outcome)
    assert (code, code) == (answer.code, answer_code(answer.block))
    assert (b"ERR|||" + error.encode() in answer.block) if error else (b"ERR" not in answer.block)


def test_the_table_is_configuration() -> None:
    """A site may use AE and AR the other way round."""
    codes = AnswerCodes(refused="AR", unsupported="AE", unavailable="AE")
    assert ["AR", "AE", "AE"] == [ask(each, codes=codes)[0].code for each in (REFUSED, UNSUPPORTED, UNAVAILABLE)]
    assert ["CE"] == [answer.code for answer in ask(UNAVAILABLE, "AL NE", codes=codes)]


ENHANCED = {
    "AL NE": ("CA", "CE", "CR"),
    "AL AL": ("CA AA", "CE", "CR"),
    "NE AL": ("AA", "AE", "AR"),
    "NE NE": ("", "", ""),
    "ER NE": ("", "CE", "CR"),
    "SU NE": ("CA", "", ""),
    "ER AL": ("AA", "CE", "CR"),
    "AL ER": ("CA", "CE", "CR"),
    "ER ER": ("", "CE", "CR"),
    "SU AL": ("CA AA", "AE", "AR"),
    "ER SU": ("AA", "CE", "CR"),
    "NE ER": ("", "AE", "AR"),
    "NE SU": ("AA", "", ""),
    "AL ": ("CA", "CE", "CR"),
    " AL": ("AA", "AE", "AR"),
    " NE": ("", "", ""),
    "al ne": ("CA", "CE", "CR"),
    "ACCEPT WHAT": ("AA", "AE", "AR"),
}


@pytest.mark.parametrize(("modes", "expected"), ENHANCED.items(), ids=ENHANCED)
def test_enhanced_mode(modes: str, expected: tuple[str, str, str]) -> None:
    """Each acknowledgement is sent as the header asks, the commit one first; unknown values ask for nothing."""
    found = [" ".join(answer.code for answer in ask(each, modes)) for each in (STORED, REFUSED, UNAVAILABLE)]
    assert list(expected) == found


WAITING = {
    "AL AL": ("CA AA", "CE AE", "CR AR"),
    "ER AL": ("AA", "CE AE", "CR AR"),
    "AL ER": ("CA", "CE AE", "CR AR"),
    "AL NE": ("CA", "CE", "CR"),
    "AL SU": ("CA AA", "CE", "CR"),
    "SU AL": ("CA AA", "AE", "AR"),
}


@pytest.mark.parametrize(("modes", "expected"), WAITING.items(), ids=WAITING)
def test_peers_that_wait_behind_a_commit_nak(modes: str, expected: tuple[str, str, str]) -> None:
    """With `after_commit_nak: application_ack`, what MSH-16 asks for follows a negative commit acknowledgement, too."""
    found = [
        " ".join(answer.code for answer in ask(each, modes, after_commit_nak="application_ack"))
        for each in (STORED, REFUSED, UNAVAILABLE)
    ]
    assert list(expected) == found


def test_application_ack_never() -> None:
    """`application_ack: never` leaves the commit acknowledgement alone, and original mode as it is."""
    assert ["CA"] == [answer.code for answer in ask(STORED, "AL AL", application_ack="never")]
    assert [] == ask(STORED, "NE AL", application_ack="never")
    assert ["AA"] == [answer.code for answer in ask(STORED, application_ack="never")]


def test_each_answer_has_its_own_control_id() -> None:
    """Two acknowledgements of one message are two messages."""
    commit, application = ask(STORED, "AL AL")
    assert b"|ID0|" in commit.block
    assert b"|ID1|" in application.block


REPLY = b"MSH|^~\\&|STORE\rMSA|%s|C1\r"


@pytest.mark.parametrize(
    ("outcome", "code"), [(Stored(reply=REPLY % b"AA"), "AA"), (Refused("x", reply=REPLY % b"AR"), "AR")]
)
def test_the_stores_reply_goes_back_byte_for_byte(outcome: Stored | Refused, code: str) -> None:
    """What the store answered is the application acknowledgement, its code the label."""
    assert [Answer(code, outcome.reply or b"")] == ask(outcome)
    assert outcome.reply == ask(outcome, "AL AL", after_commit_nak="application_ack")[1].block
    assert outcome.reply == ask(outcome, "NE AL")[0].block


def test_a_nack_that_means_later_goes_back_byte_for_byte() -> None:
    """The peer reads the store's own NACK also where it means that the message may be sent again."""
    assert [Answer("AR", REPLY % b"AR")] == ask(Unavailable("later", reply=REPLY % b"AR"))


@pytest.mark.parametrize(("second", "codes"), [(REPLY % b"AE", ["CA", "AE"]), (b"", ["CA"])])
def test_both_of_the_stores_answers(second: bytes, codes: list[str]) -> None:
    """Both answers of the store go back; where its second one did not come, none is made up."""
    found = ask(Stored(reply=REPLY % b"CA", second=second), "AL AL")
    assert codes == [each.code for each in found]
    assert [REPLY % b"CA", second][: len(codes)] == [each.block for each in found]


RELAYED = {
    "NE AL": ("AA", "AE", ""),
    "ER AL": ("AA", "AE", ""),
    "NE SU": ("AA", "", ""),
    "NE ER": ("", "AE", ""),
    "AL ER": ("CA", "CA AE", "CA"),
    "AL SU": ("CA AA", "CA", "CA"),
    "AL NE": ("CA", "CA", "CA"),
}


@pytest.mark.parametrize(("modes", "expected"), RELAYED.items(), ids=RELAYED)
def test_behind_a_commit_acknowledgement(modes: str, expected: tuple[str, str, str]) -> None:
    """Of the store's CA and the AA, AE or nothing that followed, what the header asks for goes back; none is made."""
    seconds = (REPLY % b"AA", REPLY % b"AE", b"")
    found = [ask(Stored(reply=REPLY % b"CA", second=second), modes) for second in seconds]
    assert list(expected) == [" ".join(answer.code for answer in each) for each in found]
    assert all(b"STORE" in answer.block for each in found for answer in each)


def test_application_ack_never_holds_back_the_stores() -> None:
    """`application_ack: never` holds for the store's own one, too."""
    outcome = Stored(reply=REPLY % b"CA", second=REPLY % b"AA")
    assert ["CA"] == [answer.code for answer in ask(outcome, "AL AL", application_ack="never")]


def test_the_stores_commit_acknowledgement() -> None:
    """A store that answers in enhanced mode has its commit acknowledgement relayed as such."""
    outcome = Stored(reply=REPLY % b"CA")
    commit, application = ask(outcome, "AL AL")
    assert outcome.reply == commit.block
    assert b"|HILUM|" not in application.block
    assert "AA" == application.code


def test_a_reply_without_a_code() -> None:
    """A reply whose code cannot be read is relayed all the same, and counted by its outcome."""
    assert [Answer("AA", b"MSH|^~\\&|\r")] == ask(Stored(reply=b"MSH|^~\\&|\r"))


@pytest.mark.parametrize("octet", [b"\x0b", b"\x1c"])
def test_a_reply_that_would_break_the_framing(octet: bytes) -> None:
    """A reply with framing octets is replaced by Hilum's own: the peer must never see half a block."""
    (answer,) = ask(Stored(reply=REPLY % b"AA" + octet))
    assert octet not in answer.block
    assert "AA" == answer.code


DUE = {
    "": (True, False),
    "|AL": (True, True),
    "AL|NE": (True, True),
    "NE|": (False, False),
    "ne|NE": (False, False),
    "ER|": (None, True),
    "SU|NE": (None, True),
    "ER|SU": (True, True),
    "X|Y": (True, False),
}
"""MSH-15 and MSH-16: whether an answer to an event is due, and whether an acknowledgement asks for one."""


@pytest.mark.parametrize(("modes", "expected"), DUE.items())
def test_what_is_asked_for(modes: str, expected: tuple[bool | None, bool]) -> None:
    """An answer is due, is not, or depends on the outcome; an acknowledgement gets none unless it asks for it."""
    event, ack = (
        Header.parse(f"MSH|^~\\&|A|B|C|D|||{kind}|C1|P|2.5|||{modes}\r".encode()) for kind in ("ADT^A01", "ACK")
    )
    assert event is not None
    assert ack is not None
    assert expected == (answer_is_due(event), asks_for_answer(ack))
    assert answer_is_due(ack) is (answer_is_due(event) if asks_for_answer(ack) else False)


@pytest.mark.parametrize("reply", [b"", b"\0\0", b"\r\n", b"\xef\xbb\xbf \t"])
def test_a_reply_that_says_nothing(reply: bytes) -> None:
    """A reply of white space would make an empty block, which the peer skips: it is replaced by Hilum's own."""
    (answer,) = ask(Stored(reply))
    assert "AA" == answer_code(answer.block)


@pytest.mark.parametrize("code", ["101", "203"])
def test_findings_reach_the_sender(code: str) -> None:
    """The findings of a refusal are in the answer, whichever code it has."""
    (answer,) = ask(Refused("x", code=code, findings=(Finding(code, "PID-5 is missing", "PID^1^5^1"),)))
    assert b"ERR||PID^1^5^1|" + code.encode() in answer.block
