"""What one connection tells metrics and logs. Never an octet of payload: no path, no header, no body."""

from time import monotonic, time

import structlog

from adapters.http.answers import Problem
from gateway.contract.causes import Cause
from gateway.contract.journal import first_of
from gateway.contract.message import Message
from gateway.contract.meter import ListenerMeter, Pause, Rejection
from gateway.contract.noticing import Noticer
from gateway.contract.outcome import Outcome, Stored, word_of

log = structlog.get_logger()


class Report:
    """Logs and counts for one peer."""

    def __init__(self, meter: ListenerMeter, listener: str, peer: str, port: int = 0) -> None:
        self._meter = meter
        self._peer = peer
        self._port = port
        self._closed_at: float | None = None
        self._peer_ip = peer.rpartition(":")[0]
        self.noticer = Noticer(meter, self._peer_ip)
        self._log = log.bind(listener=listener, peer=peer)

    def opened(self) -> None:
        """Tell that the peer was let in."""
        self._meter.connected(self._peer)
        self._log.debug("connection_opened")

    def closed(self, exc: Exception | None) -> None:
        """Tell that the peer is gone."""
        self._closed_at = monotonic()
        self._meter.disconnected(self._peer)
        self._log.debug("connection_closed", error=type(exc).__name__ if exc else None)

    def rejected(self, reason: Rejection, **details: str) -> None:
        """Tell that the peer or its input was turned away."""
        self._meter.rejected(reason, self._peer_ip)
        self._log.warning("peer_rejected", reason=reason.value, **details)
        if reason is Rejection.TLS_ON_PLAIN_PORT:
            self.noticer.notice(Cause.TLS_ON_PLAIN_PORT, port=str(self._port))

    def turned_away(self, reason: Rejection, most: int = 0) -> None:
        """Tell that the peer may not connect, or not now; *most* is how many connections it may have."""
        self.rejected(reason)
        self.noticer.turned_away(reason, most)

    def paused(self) -> None:
        """Tell that the peer is not read for lack of memory."""
        self._meter.paused(Pause.MEMORY)
        self._log.debug("reading_paused", reason=Pause.MEMORY.value)

    def refused(self, problem: Problem, seconds: float) -> None:
        """Tell of a request that was answered without being delivered."""
        if problem.rejection is not None:
            self._meter.rejected(problem.rejection, self._peer_ip)
        self._meter.answered(str(problem.status), seconds)
        self._log.warning("request_refused", answer=str(problem.status), reason=problem.text, seconds=round(seconds, 3))
        if problem.rejection is Rejection.TOKEN:
            self.noticer.notice(Cause.PEER_TOKEN, why=problem.text)
        elif problem.rejection is Rejection.PROTOCOL_ERROR:
            self.noticer.notice(Cause.FRAMING, why=problem.text)

    def received(self, octets: int) -> None:
        """Count a whole request."""
        self._meter.received(octets)

    def answered(self, status: int, message: Message, outcome: Outcome, seconds: float) -> None:
        """Tell of a request that was delivered."""
        self._meter.answered(str(status), seconds)
        self._record(message, outcome, str(status), seconds)
        self._log.info("request_answered", answer=str(status), **_fields(message, outcome, seconds))

    def undeliverable(self, message: Message, outcome: Outcome, seconds: float) -> None:
        """Tell that the peer was gone when its answer was ready."""
        self._record(message, outcome, "lost", seconds)
        self._meter.rejected(Rejection.PEER_LOST, self._peer_ip)
        self._log.warning("answer_undeliverable", **_fields(message, outcome, seconds))
        late = 0.0 if self._closed_at is None else monotonic() - self._closed_at
        self.noticer.gave_up(max(0.0, seconds - late), seconds)

    def _record(self, message: Message, outcome: Outcome, answer: str, seconds: float) -> None:
        """Tell the journal: the words of the outcome only, since the outcome may hold a large response."""
        reason = "" if isinstance(outcome, Stored) else outcome.reason
        self._meter.recorded(
            (
                time(),
                message.message_id,
                message.facts,
                message.connection,
                first_of(message.identifiers),
                message.body.length or 0,
                word_of(outcome),
                answer,
                reason,
                seconds,
            )
        )


def _fields(message: Message, outcome: Outcome, seconds: float) -> dict[str, str | float]:
    fields: dict[str, str | float] = {
        "message_id": message.message_id,
        "interaction": message.facts["interaction"],
        "octets": message.body.length or 0,
        "outcome": word_of(outcome),
        "seconds": round(seconds, 3),
    }
    return fields if isinstance(outcome, Stored) else {**fields, "reason": outcome.reason}
