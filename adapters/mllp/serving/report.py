"""What one connection tells metrics and logs. Never a byte of payload."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic, time

import structlog

from adapters.hl7.facts import Facts
from adapters.mllp.events import BegunAgain, Broken, Fault
from adapters.mllp.exchange import Reply, Settled
from adapters.mllp.likeness import EXPECTED, looks_like
from adapters.mllp.senders import Senders
from gateway.contract.causes import Cause
from gateway.contract.journal import Names, peer_of
from gateway.contract.meter import ListenerMeter, Pause, Rejection
from gateway.contract.noticing import Noticer
from gateway.contract.outcome import Outcome, Stored, word_of

log = structlog.get_logger()


TOGETHER = 16
"""Log lines that are written before other tasks get their turn."""

NOT_DELIVERED = "this acknowledgement asks for no answer, so it is accepted and not delivered"

SHORTEST_TIMEOUT = 1.0
"""Seconds of waiting before the end of a peer's stream from which on it has given up. A peer that closes only its own
side does so right after its message; both look the same to us, also when the answer is written."""

_REJECTIONS = {
    Fault.NO_START: Rejection.BROKEN_FRAMING,
    Fault.TLS: Rejection.TLS_ON_PLAIN_PORT,
    Fault.TOO_MANY_STARTS: Rejection.BROKEN_FRAMING,
    Fault.UNCLEAR_END: Rejection.BROKEN_FRAMING,
    Fault.TOO_MUCH_STRAY: Rejection.BROKEN_FRAMING,
    Fault.TOO_LARGE: Rejection.TOO_LARGE,
    Fault.UNFINISHED: Rejection.PEER_LOST,
}


class Report:
    """Logs and counts for one peer."""

    def __init__(
        self, meter: ListenerMeter, listener: str, peer: str, port: int = 0, senders: Senders | None = None
    ) -> None:
        self._meter = meter
        self._senders = senders or Senders()
        self._known = self._senders.known
        self._peer = peer
        self._peer_ip = peer.rpartition(":")[0]
        self._facts: Mapping[str, str] = {"protocol": "mllp", "listener": listener, "peer_ip": self._peer_ip}
        self._last: Mapping[str, str] = self._facts  # of the last message
        self._noticer = Noticer(meter, self._peer_ip)
        self._port = port
        self._rejected = False
        self._ended_at: float | None = None
        self._log = log.bind(listener=listener, peer=peer)
        self._tells = self._log.is_enabled_for(logging.INFO)  # saves the cost of lines that are not logged

    @property
    def noticer(self) -> Noticer:
        """What tells operators of the peer, by the name in its last message."""
        self._noticer.peer = peer_of(self._last)
        return self._noticer

    def opened(self) -> None:
        """Tell that the peer was let in."""
        self._meter.connected(self._peer)
        self._log.debug("connection_opened")

    def ended(self) -> None:
        """Take note that the peer has ended its stream: it is gone, or waits for the answers that are owed."""
        self._ended_at = monotonic()

    def closed(self, exc: Exception | None) -> None:
        """Tell that the peer is gone. A probe that connects and leaves is not worth more than a debug line."""
        self._ended_at = self._ended_at or monotonic()
        self._meter.disconnected(self._peer)
        self._log.debug("connection_closed", error=type(exc).__name__ if exc else None)

    def skipped(self, count: int) -> None:
        """Tell of stray octets between blocks."""
        self._meter.skipped(count)
        self._log.debug("octets_skipped", count=count)

    def begun_again(self, event: BegunAgain) -> None:
        """Tell that a block was begun again, and what had come of it was dropped.

        A start that is sent twice counts as one stray octet.
        """
        if event.dropped:
            reason = Rejection.BLOCK_RESTARTED
            self._meter.rejected(reason, self._peer_ip)
            self._log.warning("block_dropped", reason=reason.value, octets=event.dropped, offset=event.offset)
        else:
            self.skipped(1)

    def rejected(self, reason: Rejection, **details: str | int | None) -> None:
        """Tell that the peer or its input was turned away."""
        self._rejected = True
        self._meter.rejected(reason, self._peer_ip)
        self._log.warning("peer_rejected", reason=reason.value, **details)

    def turned_away(self, reason: Rejection, most: int = 0) -> None:
        """Tell that the peer may not connect, or not now; *most* is how many connections it may have."""
        self.rejected(reason)
        self.noticer.turned_away(reason, most)

    def paused(self, reason: Pause) -> None:
        """Tell that the peer is not read for a while."""
        self._meter.paused(reason)
        self._log.debug("reading_paused", reason=reason.value)

    def broken(self, event: Broken) -> None:
        """Tell that the stream cannot be read any further: where, and at what kind of octet."""
        octet, reason, likeness = event.octet and event.octet.value, _REJECTIONS[event.fault], looks_like(event)
        more = {} if likeness is None else {"looks_like": likeness}
        self.rejected(reason, fault=event.fault.value, offset=event.offset, octet=octet, **more)
        if reason is Rejection.TLS_ON_PLAIN_PORT:
            self.noticer.notice(Cause.TLS_ON_PLAIN_PORT, port=str(self._port))
        elif reason is Rejection.BROKEN_FRAMING:
            known = {"why": event.fault.value, "offset": str(event.offset)}
            if likeness is not None:
                known |= {"looks_like": likeness, "expected": EXPECTED, "octet": octet or ""}
            self.noticer.notice(Cause.FRAMING, **known)

    async def settled(self, reply: Reply, *, sent: bool, seconds: float) -> None:
        """Tell what became of a block; other tasks get their turn between the lines of a batch."""
        if len(reply.messages) <= TOGETHER:
            self.settled_few(reply, sent=sent, seconds=seconds)
            return
        for first in range(0, len(reply.messages), TOGETHER):
            some = replace(reply, messages=reply.messages[first : first + TOGETHER])
            self.settled_few(some, sent=sent, seconds=seconds)
            await asyncio.sleep(0)

    def settled_few(self, reply: Reply, *, sent: bool, seconds: float) -> None:
        """Tell what became of a block of at most TOGETHER messages."""
        if reply.rejection:
            self.rejected(reply.rejection)
        if reply.hang_up:
            self.unanswered(reply, seconds)
        elif sent:
            self.answered(reply, seconds)
        else:
            self.undeliverable(reply, seconds)

    def answered(self, reply: Reply, seconds: float) -> None:
        """Tell that the answers went out; a message that asked for none counts as answered with ``none``."""
        if self._ended_at is not None and self._waited(seconds) >= SHORTEST_TIMEOUT:
            self._gave_up(reply, seconds)
        for settled in reply.messages:
            for answer in settled.answers:
                self._meter.answered(answer.code, seconds)
            if not settled.answers:
                self._meter.answered("none", seconds)
            answers = settled.answers
            codes = answers[0].code if len(answers) == 1 else " ".join([each.code for each in answers]) or "none"
            self._record(settled, codes, seconds)
            if self._tells:
                self._log.info("message_answered", answer=codes, **_fields(settled, seconds))

    def unanswered(self, reply: Reply, seconds: float) -> None:
        """Tell that the connection closes in place of an answer."""
        for settled in reply.messages:
            self._meter.answered("none", seconds)
            self._record(settled, "none", seconds)
            self._log.warning("message_unanswered", **_fields(settled, seconds))

    def undeliverable(self, reply: Reply, seconds: float) -> None:
        """Tell that the peer was gone when its answer was ready."""
        if not self._rejected:
            self.rejected(Rejection.PEER_LOST)
            self._gave_up(reply, seconds)
        for settled in reply.messages:
            self._record(settled, "lost", seconds)
            self._log.warning("answer_undeliverable", **_fields(settled, seconds))

    def _gave_up(self, reply: Reply, seconds: float) -> None:
        if reply.messages:
            self._last = reply.messages[-1].facts or self._last
            self.noticer.gave_up(self._waited(seconds), seconds)

    def _waited(self, seconds: float) -> float:
        """Return how long the peer had waited when it left; it is *seconds* since its message."""
        return seconds if self._ended_at is None else max(0.0, seconds - (monotonic() - self._ended_at))

    def _record(self, settled: Settled, answer: str, seconds: float) -> None:
        """Tell the journal, with little that lives on: what is kept for its thread has left the processor's caches."""
        facts: Mapping[str, str] | Names = self._facts
        if settled.facts is not None:  # never `or`: their length reads the header: ten times as long as all of this
            self._last = facts = settled.facts
        else:
            self._last = self._facts
        if isinstance(facts, Facts):
            facts = self._known.get(facts.signature()) or self._senders.told(facts)
        outcome: Outcome | str | None = settled.outcome
        if type(outcome) is Stored:
            outcome = "committed" if outcome.is_committed else "stored"
        self._meter.recorded(
            (
                time(),
                settled.message_id,
                facts,
                self._peer,
                settled.identifiers.get("control_id", ""),
                settled.octets,
                outcome,
                answer,
                "",
                seconds,
            )
        )


def _fields(settled: Settled, seconds: float) -> dict[str, str | float]:
    """Return what names a message and its outcome. The reason of an outcome is a fixed sentence."""
    outcome = settled.outcome
    fields: dict[str, str | float] = {
        "message_id": settled.message_id,
        **settled.identifiers,
        "octets": settled.octets,
        "seconds": round(seconds, 3),
    }
    if outcome is None:
        return fields | {"outcome": "acknowledgement", "reason": NOT_DELIVERED}
    fields["outcome"] = word_of(outcome)
    if not isinstance(outcome, Stored):
        fields["reason"] = outcome.reason
    return fields
