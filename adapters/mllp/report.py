"""What one connection tells metrics and logs. Never a byte of payload."""

import logging

import structlog

from adapters.mllp.exchange import Reply, Settled
from gateway.message import ListenerMeter, Pause, Rejection, Stored

log = structlog.get_logger()


class Report:
    """Bound to one peer."""

    def __init__(self, meter: ListenerMeter, listener: str, peer: str) -> None:
        self._meter = meter
        self._peer_ip = peer.rpartition(":")[0]
        self._rejected = False
        self._log = log.bind(listener=listener, peer=peer)
        self._tells = self._log.is_enabled_for(logging.INFO)  # so that a message costs nothing of what is not told

    def opened(self) -> None:
        """Tell that the peer was let in."""
        self._meter.connected()
        self._log.debug("connection_opened")

    def closed(self, exc: Exception | None) -> None:
        """Tell that the peer is gone. A probe that connects and leaves is not worth more than a debug line."""
        self._meter.disconnected()
        self._log.debug("connection_closed", error=type(exc).__name__ if exc else None)

    def skipped(self, count: int) -> None:
        """Tell of stray octets between blocks."""
        self._meter.skipped(count)
        self._log.debug("octets_skipped", count=count)

    def rejected(self, reason: Rejection, **details: str | int | None) -> None:
        """Tell that the peer or its input was turned away."""
        self._rejected = True
        self._meter.rejected(reason, self._peer_ip)
        self._log.warning("peer_rejected", reason=reason.value, **details)

    def paused(self, reason: Pause) -> None:
        """Tell that the peer is not read for a while."""
        self._meter.paused(reason)
        self._log.debug("reading_paused", reason=reason.value)

    def answered(self, reply: Reply, seconds: float) -> None:
        """Tell that the answers went out; a message that asked for none counts as answered with ``none``."""
        for settled in reply.messages:
            codes = [answer.code for answer in settled.answers] or ["none"]
            for code in codes:
                self._meter.answered(code, seconds)
            if self._tells:
                self._log.info("message_answered", answer=" ".join(codes), **_fields(settled))

    def unanswered(self, reply: Reply, seconds: float) -> None:
        """Tell that the connection closes in place of an answer."""
        for settled in reply.messages:
            self._meter.answered("none", seconds)
            self._log.warning("message_unanswered", **_fields(settled))

    def undeliverable(self, reply: Reply) -> None:
        """Tell that the peer was gone when its answer was ready."""
        if not self._rejected:
            self.rejected(Rejection.PEER_LOST)
        for settled in reply.messages:
            self._log.warning("answer_undeliverable", **_fields(settled))


def _fields(settled: Settled) -> dict[str, str]:
    """Return what names a message and its outcome. The reason of an outcome is a fixed sentence."""
    outcome = settled.outcome
    fields = {"message_id": settled.message_id, **settled.identifiers}
    fields["outcome"] = "acknowledgement" if outcome is None else type(outcome).__name__.lower()
    if outcome is not None and not isinstance(outcome, Stored):
        fields["reason"] = outcome.reason
    return fields
