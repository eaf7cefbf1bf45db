"""Says of each peer whether its silence is usual: by the calendar, by hand, or by what was learnt of it."""

from collections.abc import Mapping
from typing import Literal

from gateway.contract.observed import SilenceSeen
from gateway.silence.calendar import Calendar
from gateway.silence.estimator import Estimate

Key = tuple[str, str]
"""Peer and listener."""
NO_LISTENER = ""
"""In place of the listener of a peer that is set by hand and was never heard."""
State = Literal["silent", "marked", "expected", "learning", "usual"]
STATES: tuple[State, ...] = ("silent", "marked", "expected", "learning", "usual")
"""Of ``gateway.contract.observed.SilenceSeen``; what needs somebody comes first."""


class Judge:
    """Judges peers at the time of the last :meth:`look`. *by_hand* are the seconds of `peers.NAME.silence_after`."""

    def __init__(self, calendar: Calendar, by_hand: Mapping[str, float]) -> None:
        self.calendar = calendar
        self.by_hand = by_hand
        self._expected: set[str] = set()
        self._quiet: dict[str, float] = {}

    def look(self, now: float, estimates: Mapping[Key, Estimate]) -> None:
        """See what the calendar says now, and how long the peers set by hand have been quiet at all listeners."""
        self._expected = self.calendar.quiet_peers(now, {peer for peer, _ in estimates})
        self._quiet = {}
        for (peer, _), estimate in estimates.items():
            if peer in self.by_hand:
                self._quiet[peer] = min(estimate.quiet, self._quiet.get(peer, estimate.quiet))

    def expects(self, peer: str) -> bool:
        """Whether the silence of *peer* is expected now."""
        return peer in self._expected

    def quiet(self, key: Key, estimate: Estimate) -> float:
        """Return for how many seconds a peer was quiet; one that is set by hand, at all its listeners."""
        return self._quiet.get(key[0], estimate.quiet)

    def state(self, key: Key, estimate: Estimate) -> State:
        """Return how the silence of a peer is judged."""
        if self.expects(key[0]):
            return "expected"
        if (limit := self.by_hand.get(key[0])) is not None:
            return "silent" if self.quiet(key, estimate) >= limit else "usual"
        return estimate.judged(self.calendar.hour_of_week)

    def rate(self, estimate: Estimate) -> float | None:
        """Return how many messages an hour are usual now; None while that is not known."""
        if not estimate.rates.is_learnt:
            return None
        return estimate.rates.of(self.calendar.hour_of_week(estimate.at))

    def seen(self, key: Key, estimate: Estimate) -> SilenceSeen:
        """Return the judgement in the shape in which others read it."""
        peer, listener = key
        rate = self.rate(estimate)
        return SilenceSeen(
            peer=peer,
            listener=listener,
            state=self.state(key, estimate),
            since=None if listener == NO_LISTENER else estimate.last,
            usual_gap=3600 / rate if rate else None,
            rate=rate,
        )
