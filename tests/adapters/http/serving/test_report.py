"""What one connection tells metrics and logs."""

from typing import Any

import pytest
import structlog

from adapters.http.answers import Problem
from adapters.http.serving.report import Report
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Refused, Response, Stored
from tests.adapters.mllp.fakes import FakeMeter

FACTS = {"interaction": "create", "resource_type": "Doe"}
MESSAGE = Message("m1", WholeBody(b"Doe"), FACTS, {})


@pytest.fixture
def report(meter: FakeMeter) -> Report:
    """Return the report of a peer."""
    return Report(meter, "in", "10.0.0.1:99")


def told(*acts: Any) -> list[dict[str, Any]]:
    """Return the lines that *acts* log."""
    with structlog.testing.capture_logs() as lines:
        for act in acts:
            act()
    return [dict(each) for each in lines]


def test_an_answer(report: Report, meter: FakeMeter) -> None:
    """A line has the outcome, and nothing of the request; the type in the address may be anything."""
    (stored, refused) = told(
        lambda: report.answered(201, MESSAGE, Stored(), 0.5),
        lambda: report.answered(422, MESSAGE, Refused("it is not valid"), 0.5),
    )
    assert ("request_answered", "201", "stored", 3, "create") == tuple(
        stored[name] for name in ("event", "answer", "outcome", "octets", "interaction")
    )
    assert "it is not valid" == refused["reason"]
    assert "Doe" not in str([stored, refused])
    assert ["201", "422"] == meter.answers


def test_a_refusal(report: Report, meter: FakeMeter) -> None:
    """A request that is refused is counted as an answer, and as a rejection if it is one."""
    (first, _) = told(
        lambda: report.refused(Problem(404, "not-found", "there is nothing"), 0.0),
        lambda: report.refused(Problem(401, "login", "who", Rejection.TOKEN), 0.0),
    )
    assert ("request_refused", "404", "there is nothing") == (first["event"], first["answer"], first["reason"])
    assert (["404", "401"], [Rejection.TOKEN]) == (meter.answers, meter.rejections)


def test_lost(report: Report, meter: FakeMeter) -> None:
    """An answer that nobody takes is told with the outcome of its message."""
    (line,) = told(lambda: report.undeliverable(MESSAGE, Stored(), 0.1))
    assert ("answer_undeliverable", "stored", "m1") == (line["event"], line["outcome"], line["message_id"])
    assert [Rejection.PEER_LOST] == meter.rejections


def test_connections(report: Report, meter: FakeMeter) -> None:
    """A connection is counted once in and once out."""
    told(report.opened, lambda: report.closed(ConnectionResetError()), report.paused, lambda: report.received(7))
    assert (1, 0, [Pause.MEMORY], [7]) == (meter.ever_connected, meter.connections, meter.pauses, meter.sizes)


def test_journal(report: Report, meter: FakeMeter) -> None:
    """The journal is told of each delivered request: the words of its outcome, and never the store's response."""
    report.answered(201, MESSAGE, Stored(response=Response(201, (), b"Doe")), 0.5)
    report.answered(422, MESSAGE, Refused("it is not valid"), 0.5)
    report.undeliverable(MESSAGE, Stored(), 0.5)
    assert [("201", "stored", ""), ("422", "refused", "it is not valid"), ("lost", "stored", "")] == [
        (each.answer, each.outcome, each.reason) for each in meter.rows
    ]
    assert {("m1", 3, 0.5)} == {(each.message_id, each.octets, each.seconds) for each in meter.rows}
