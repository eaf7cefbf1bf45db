"""What one connection tells metrics and logs. Never an octet of payload: no path, no header, no body."""

from time import time

import structlog

from adapters.http.answers import Problem
from gateway.contract.message import Message
from gateway.contract.meter import ListenerMeter, Pause, Rejection
from gateway.contract.outcome import Outcome, Stored, word_of

log = structlog.get_logger()


class Report:
    """Logs and counts for one peer."""

    def __init__(self, meter: ListenerMeter, listener: str, peer: str) -> None:
        self._meter = meter
        self._peer_ip = peer.rpartition(":")[0]
        self._log = log.bind(listener=listener, peer=peer)

    def opened(self) -> None:
        """Tell that the peer was let in."""
        self._meter.connected()
        self._log.debug("connection_opened")

    def closed(self, exc: Exception | None) -> None:
        """Tell that the peer is gone."""
        self._meter.disconnected()
        self._log.debug("connection_closed", error=type(exc).__name__ if exc else None)

    def rejected(self, reason: Rejection, **details: str) -> None:
        """Tell that the peer or its input was turned away."""
        self._meter.rejected(reason, self._peer_ip)
        self._log.warning("peer_rejected", reason=reason.value, **details)

    def paused(self) -> None:
        """Tell that the peer is not read for lack of memory."""
        self._meter.paused(Pause.MEMORY)
        self._log.debug("reading_paused", reason=Pause.MEMORY.value)

    def refused(self, problem: Problem, seconds: float) -> None:
        """Tell of a request that was answered without being delivered."""
        if problem.rejection is not None:
            self._meter.rejected(problem.rejection, self._peer_ip)
        self._meter.answered(str(problem.status), seconds)
        self._log.warning("request_refused", answer=str(problem.status), reason=problem.text)

    def received(self, octets: int) -> None:
        """Count a whole request."""
        self._meter.received(octets)

    def answered(self, status: int, message: Message, outcome: Outcome, seconds: float) -> None:
        """Tell of a request that was delivered."""
        self._meter.answered(str(status), seconds)
        self._record(message, outcome, str(status), seconds)
        self._log.info("request_answered", answer=str(status), **_fields(message, outcome))

    def undeliverable(self, message: Message, outcome: Outcome, seconds: float) -> None:
        """Tell that the peer was gone when its answer was ready."""
        self._record(message, outcome, "lost", seconds)
        self._meter.rejected(Rejection.PEER_LOST, self._peer_ip)
        self._log.warning("answer_undeliverable", **_fields(message, outcome))

    def _record(self, message: Message, outcome: Outcome, answer: str, seconds: float) -> None:
        """Tell the journal: the words of the outcome only, since the outcome may hold a large response."""
        reason = "" if isinstance(outcome, Stored) else outcome.reason
        self._meter.recorded(
            (
                time(),
                message.message_id,
                message.facts,
                message.connection,
                message.identifiers,
                message.body.length or 0,
                word_of(outcome),
                answer,
                reason,
                seconds,
            )
        )


def _fields(message: Message, outcome: Outcome) -> dict[str, str | int]:
    fields: dict[str, str | int] = {
        "message_id": message.message_id,
        "interaction": message.facts["interaction"],
        "octets": message.body.length or 0,
        "outcome": word_of(outcome),
    }
    return fields if isinstance(outcome, Stored) else {**fields, "reason": outcome.reason}
