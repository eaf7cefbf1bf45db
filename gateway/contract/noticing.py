"""What a connection tells operators of its peer, in the terms of ``contract.causes``: the same for every protocol."""

from math import inf

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.meter import ListenerMeter, Rejection

SLOWED_AGAIN_AFTER = 1.0
"""Seconds for which a peer that is slowed down again and again is not noticed once more."""

JITTER_SECONDS = 0.2
"""Seconds by which a message may come later than the limit allows it, of a peer that waits for nothing else."""

LIMITS = frozenset({Rejection.PEER_LIMIT, Rejection.CONNECTION_LIMIT, Rejection.DESCRIPTOR_LIMIT, Rejection.DISPLACED})


class Noticer:
    """One for each connection. All of it is rare, so it may cost more than what is done for each message."""

    __slots__ = ("_meter", "_peer_ip", "_slowed_at", "_told_at", "peer")

    def __init__(self, meter: ListenerMeter, peer_ip: str) -> None:
        self._meter = meter
        self._peer_ip = peer_ip
        self._slowed_at = self._told_at = float("-inf")
        self.peer = peer_ip
        """The name of the peer, as far as it is known."""

    def notice(self, cause: Cause, **details: str) -> None:
        """Tell what was noticed."""
        self._meter.noticed(Notice(Diagnosis(cause, details), self.peer, self._peer_ip))

    def turned_away(self, reason: Rejection, most: int = 0) -> None:
        """Tell that the peer may not connect, or not now; *most* is how many connections it may have."""
        if reason is Rejection.NETWORK:
            self.notice(Cause.NETWORK_NOT_ALLOWED)
        elif reason in LIMITS:
            known = {"connections": str(most), "most": str(most)} if most and reason is Rejection.PEER_LIMIT else {}
            self.notice(Cause.PEER_LIMIT, limit=reason.value, **known)

    def slowed(self, now: float, allowed: float, seconds: float = inf) -> None:
        """Take note that the peer is not read for *seconds*; tell it if it sends more than *allowed* messages a second.

        A peer is slowed as soon as it has sent what is allowed at once, which needs nobody. It sends too much if its
        next message comes as soon as it is read again, or if others of its connections have exceeded the limit.
        """
        usual = 1 / allowed if allowed else 0.0
        is_too_much = seconds > usual * 1.001 or now - self._slowed_at <= usual + JITTER_SECONDS
        self._slowed_at = now
        if is_too_much and now - self._told_at >= SLOWED_AGAIN_AFTER:
            self._told_at = now
            self.notice(Cause.RATE, allowed=f"{allowed:g}")

    def gave_up(self, seconds: float, took: float | None = None) -> None:
        """Tell that the peer left before its answer, *seconds* after its message; the answer *took* so many seconds."""
        known = {} if took is None else {"took": f"{took:.1f}"}
        self.notice(Cause.PEER_GAVE_UP, seconds=f"{seconds:.1f}", **known)
