"""What operators are told."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from adapters.dimse.body import IncomingBody
from adapters.dimse.instance import Instance
from adapters.dimse.protocol.associate import Proposal
from adapters.dimse.protocol.association import Accepted, Ended, Ending, Rejected
from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.events import AbortReason, Lengths
from adapters.dimse.protocol.exchange import Begin
from adapters.dimse.protocol.negotiation import Context, Refusal
from adapters.dimse.protocol.statuses import Verdict, verdict_on
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.watch import PassedLimit
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.dimse.fakes import RecordingMeter

PROPOSAL = Proposal("HILUM", "CT1")

# What is reported, the reason counted, the event logged and what it says.
TOLD: dict[str, tuple[Callable[[Report], None], list[Rejection], str, dict[str, object]]] = {
    "accepted": (
        lambda report: report.accepted(Accepted(PROPOSAL, 2)),
        [],
        "association_accepted",
        {"calling_ae_title": "CT1", "called_ae_title": "HILUM", "contexts": 2, "log_level": "info"},
    ),
    "accepted, with odd items": (
        lambda report: report.accepted(Accepted(Proposal("HILUM", "CT1", odd_items=("user_identity",)), 2)),
        [],
        "association_accepted",
        {"calling_ae_title": "CT1", "odd_items": ("user_identity",)},
    ),
    "rejected": (
        lambda report: report.rejected(Rejected(PROPOSAL, Refusal.CALLED_AE_TITLE), Rejection.CONNECTION_LIMIT),
        [Rejection.CALLED_AE_TITLE],
        "association_rejected",
        {"calling_ae_title": "CT1", "called_ae_title": "HILUM", "reason": "called_ae_title", "log_level": "warning"},
    ),
    "one too many of a peer": (
        lambda report: report.rejected(Rejected(PROPOSAL, Refusal.LOCAL_LIMIT), Rejection.PEER_LIMIT),
        [Rejection.PEER_LIMIT],
        "association_rejected",
        {"reason": "local_limit"},
    ),
    "released": (
        lambda report: report.ended(Ended(Ending.RELEASED)),
        [],
        "association_released",
        {"log_level": "info"},
    ),
    "aborted by the peer": (
        lambda report: report.ended(Ended(Ending.PEER_ABORTED)),
        [Rejection.PEER_ABORTED],
        "association_aborted",
        {"by": "peer_aborted"},
    ),
    "against the protocol": (
        lambda report: report.ended(Ended(Ending.PROTOCOL_ERROR, AbortReason.INVALID_PARAMETER)),
        [Rejection.PROTOCOL_ERROR],
        "association_aborted",
        {"by": "protocol_error", "reason": "invalid_parameter"},
    ),
    "a length that lies": (
        lambda report: report.ended(
            Ended(Ending.PROTOCOL_ERROR, AbortReason.INVALID_PARAMETER, lengths=Lengths("P-DATA-TF", 200_000, 6, 4096))
        ),
        [Rejection.PROTOCOL_ERROR],
        "association_aborted",
        {"reason": "invalid_parameter", "of": "P-DATA-TF", "length": 200_000, "least": 6, "most": 4096},
    ),
    "a length that may be text": (
        lambda report: report.ended(
            Ended(Ending.PROTOCOL_ERROR, AbortReason.INVALID_PARAMETER, lengths=Lengths("P-DATA-TF", 0x00444F45, 6, 9))
        ),
        [Rejection.PROTOCOL_ERROR],
        "association_aborted",
        {"length": "more than 2097151", "most": 9},
    ),
    "TLS": (
        lambda report: report.ended(Ended(Ending.TLS_ON_PLAIN_PORT, AbortReason.UNRECOGNIZED_PDU)),
        [Rejection.TLS_ON_PLAIN_PORT],
        "association_aborted",
        {"by": "tls_on_plain_port", "reason": "unrecognized_pdu"},
    ),
    "stalled": (
        lambda report: report.lapsed(PassedLimit.MESSAGE),
        [Rejection.MESSAGE_TIMEOUT],
        "connection_timed_out",
        {"limit": "message", "reason": "message_timeout"},
    ),
    "a probe": (lambda report: report.opened(), [], "connection_opened", {"log_level": "debug"}),
    "no room": (
        lambda report: report.refused(Rejection.CONNECTION_LIMIT),
        [Rejection.CONNECTION_LIMIT],
        "connection_refused",
        {},
    ),
}


@pytest.mark.parametrize(("report", "counted", "event", "fields"), TOLD.values(), ids=TOLD)
def test_told(
    meter: RecordingMeter,
    report: Callable[[Report], None],
    counted: list[Rejection],
    event: str,
    fields: dict[str, object],
) -> None:
    """Each line names listener and peer, and each rejection is counted once."""
    with capture_logs() as lines:
        report(Report("modalities", ("10.0.0.1", 5), meter))
    (line,) = lines
    assert {"event": event, "listener": "modalities", "peer": "10.0.0.1:5", **fields}.items() <= line.items()
    assert counted == meter.rejections


def answered(verdict: Verdict) -> Callable[[Report], None]:
    """Return what reports that an instance of five octets was answered with *verdict*."""
    body = IncomingBody(b"", 100, lambda: None, lambda: None, lambda _: None)
    begin = Begin(Request(0x0001, 1, has_data_set=True, sop_instance_uid="1.2.3"), Context("1.2", "1.2.840.10008.1.2"))
    instance = Instance(begin, body, ("CT1", "HILUM"), "modalities", ("10.0.0.1", 5))
    instance.feed(memoryview(b"12345"))
    return lambda report: report.answered(instance, verdict, 0.5)


ANSWERED: dict[str, tuple[Outcome, dict[str, object]]] = {
    "stored": (Stored(), {"answer": "0000", "outcome": "stored"}),
    "committed": (Stored(is_committed=True), {"answer": "0000", "outcome": "committed"}),
    "refused": (Refused("bad"), {"answer": "C000", "outcome": "refused", "reason": "bad"}),
    "unavailable": (Unavailable("down"), {"answer": "A700", "outcome": "unavailable", "reason": "down"}),
}


@pytest.mark.parametrize(("outcome", "fields"), ANSWERED.values(), ids=ANSWERED)
def test_answered(meter: RecordingMeter, outcome: Outcome, fields: dict[str, object]) -> None:
    """Each instance is one line with the fields that a line about an HL7 message has."""
    with capture_logs() as lines:
        answered(verdict_on(outcome))(Report("modalities", ("10.0.0.1", 5), meter))
    (line,) = lines
    del line["message_id"]
    names = {"listener": "modalities", "peer": "10.0.0.1:5", "sop_instance_uid": "1.2.3", "octets": 5, "seconds": 0.5}
    assert {"event": "instance_answered", "log_level": "info", **names, **fields} == line


def test_lingering_is_no_fault(meter: RecordingMeter) -> None:
    """A peer that is slow to disconnect is not counted."""
    with capture_logs() as lines:
        Report("modalities", ("10.0.0.1", 5), meter).lapsed(PassedLimit.LINGER)
    assert ([], []) == (lines, meter.rejections)


def test_journal() -> None:
    """The journal is told of each instance, with the status and Hilum's own sentence."""
    meter = RecordingMeter()
    answered(verdict_on(Unavailable("the store is away")))(Report("modalities", ("10.0.0.1", 5), meter))
    (row,) = meter.rows
    assert ("unavailable", "A700", "the store is away", 0.5) == (row.outcome, row.answer, row.reason, row.seconds)
    assert ("1.2.3", "10.0.0.1:5", 5) == (row.identifier, row.address, row.octets)
    assert ("CT1", "modalities") == (row.facts["calling_ae_title"], row.facts["listener"])
