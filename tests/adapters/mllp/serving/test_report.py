"""What a connection tells metrics and logs."""

import pytest
from structlog.testing import capture_logs

from adapters.hl7.answers import Answer
from adapters.hl7.facts import Facts
from adapters.hl7.ordinary import ordinary_header
from adapters.mllp.exchange import Reply, Settled
from adapters.mllp.senders import Senders
from adapters.mllp.serving.report import NOT_DELIVERED, Report
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable, word_of
from tests.adapters.mllp.fakes import FakeMeter


def reply(outcome: Outcome | None, *codes: str) -> Reply:
    """Return what one message led to."""
    answers = [Answer(code, b"MSH|SECRET") for code in codes]
    return Reply([Settled("M1", {"control_id": "C1"}, outcome, answers, 7)], [answer.block for answer in answers])


ANSWERED = {
    "stored": (reply(Stored(), "AA"), {"answer": "AA", "outcome": "stored"}),
    "committed": (reply(Stored(is_committed=True), "CA"), {"answer": "CA", "outcome": "committed"}),
    "refused": (reply(Refused("bad"), "AE"), {"answer": "AE", "outcome": "refused", "reason": "bad"}),
    "unavailable": (reply(Unavailable("down"), "AR"), {"answer": "AR", "outcome": "unavailable", "reason": "down"}),
    "enhanced": (reply(Stored(), "CA", "AA"), {"answer": "CA AA", "outcome": "stored"}),
    "no answer wanted": (reply(Stored()), {"answer": "none", "outcome": "stored"}),
    "an acknowledgement": (reply(None), {"answer": "none", "outcome": "acknowledgement", "reason": NOT_DELIVERED}),
}


@pytest.mark.parametrize(("told", "fields"), ANSWERED.values(), ids=ANSWERED)
def test_answered(told: Reply, fields: dict[str, str], meter: FakeMeter) -> None:
    """Each answer is counted, each message is one line with its names, its answers and its outcome."""
    with capture_logs() as logs:
        Report(meter, "adt", "10.0.0.1:5").answered(told, 0.5)
    assert fields["answer"].split() == meter.answers
    names = {
        "listener": "adt",
        "peer": "10.0.0.1:5",
        "message_id": "M1",
        "control_id": "C1",
        "octets": 7,
        "seconds": 0.5,
    }
    assert [{"event": "message_answered", "log_level": "info", **names, **fields}] == logs


def test_unanswered(meter: FakeMeter) -> None:
    """A connection closed in place of an answer is a warning, and the answer `none`."""
    with capture_logs() as logs:
        Report(meter, "adt", "p").unanswered(reply(Unavailable("down")), 0.5)
    assert ["none"] == meter.answers
    assert [("message_unanswered", "warning", "down")] == [
        (entry["event"], entry["log_level"], entry["reason"]) for entry in logs
    ]


def test_undeliverable(meter: FakeMeter) -> None:
    """A peer that was gone when its answer was ready is lost, unless something else had ended the connection."""
    report = Report(meter, "adt", "p")
    report.undeliverable(reply(Stored(), "AA"), 0.5)
    report.undeliverable(reply(Stored(), "AA"), 0.5)
    assert ([Rejection.PEER_LOST], []) == (meter.rejections, meter.answers)


def test_connections(meter: FakeMeter) -> None:
    """Coming and going are counted, and logged at debug."""
    with capture_logs() as logs:
        report = Report(meter, "adt", "p")
        report.opened()
        report.skipped(3)
        report.closed(ConnectionResetError("SECRET"))
    assert (1, 0, 3) == (meter.ever_connected, meter.connections, meter.stray)
    assert {"debug"} == {entry["log_level"] for entry in logs}
    assert "ConnectionResetError" == logs[-1]["error"]
    assert "SECRET" not in repr(logs)


@pytest.mark.parametrize(("told", "fields"), ANSWERED.values(), ids=ANSWERED)
def test_journal(told: Reply, fields: dict[str, str], meter: FakeMeter) -> None:
    """The journal is told of each message once, with all its answers, and of an unknown header with the address."""
    Report(meter, "adt", "10.0.0.1:5").answered(told, 0.5)
    (row,) = meter.rows
    assert (fields["answer"], 7, 0.5) == (row.answer, row.octets, row.seconds)
    assert ("M1", "C1", "10.0.0.1:5") == (row.message_id, row.identifier, row.address)
    assert {"protocol": "mllp", "listener": "adt", "peer_ip": "10.0.0.1"} == row.facts
    outcome = told.messages[0].outcome
    assert (word_of(outcome) if isinstance(outcome, Stored) else outcome) == row.outcome


def test_journal_of_failures(meter: FakeMeter) -> None:
    """A message that got no answer is in the journal, too: with `none`, or `lost` where its peer had gone."""
    report = Report(meter, "adt", "10.0.0.1:5")
    report.unanswered(reply(Unavailable("down")), 0.5)
    report.undeliverable(reply(Stored(), "AA"), 0.5)
    assert ["none", "lost"] == [each.answer for each in meter.rows]


def test_journal_reads_no_header(meter: FakeMeter) -> None:
    """The event loop does not read a header for the journal: that would take ten times as long as the rest."""
    header = ordinary_header(b"MSH|^~\\&|HIS|WARD|||2026||ADT^A01|C1|P|2.5\r")
    assert header is not None
    facts = Facts({"protocol": "mllp"}, header)
    told = Reply([Settled("M1", {}, Stored(), [], 7, facts)])
    Report(meter, "adt", "10.0.0.1:5").answered(told, 0.5)
    assert facts is meter.rows[0].facts
    assert (b"HIS", b"WARD", b"ADT^A01") == facts.signature()  # None once they are read


def test_journal_of_a_known_sender(meter: FakeMeter) -> None:
    """Of a sender whose messages have come before, the journal keeps three names in place of a header."""
    senders = Senders()
    for number in range(3):
        header = ordinary_header(b"MSH|^~\\&|HIS|WARD|||2026||ADT^A01|C%d|P|2.5\r" % number)
        assert header is not None
        facts = Facts({"protocol": "mllp", "listener": "adt", "peer_ip": "10.0.0.1"}, header)
        told = Reply([Settled("M1", {}, Stored(), [], 7, facts)])
        Report(meter, "adt", f"10.0.0.1:{number}", senders=senders).answered(told, 0.5)
    assert [("adt", "HIS|WARD", "ADT^A01")] * 2 == [each.facts for each in meter.rows[1:]]
    assert meter.rows[1].facts is meter.rows[2].facts
