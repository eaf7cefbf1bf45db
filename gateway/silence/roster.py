"""All peers whose silence is judged. The caller passes the time in, about once a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.contract.observed import SilenceSeen
from gateway.silence.estimator import Estimate
from gateway.silence.judge import NO_LISTENER, STATES, Judge, Key

MOST_PEERS = 1_000
"""Peers that are remembered; beyond them, one that is still learnt gives way to a new one."""
FORGOTTEN_SECONDS = 28 * 86400.0
"""A peer that was silent for so long is forgotten: it is not there any more."""
UNWATCHED_SECONDS = 300.0
"""If there was no call for so long, or the clock was set back, the time in between was not watched."""


@dataclass(frozen=True, slots=True)
class Change:
    """A silence that has begun or ended."""

    key: Key
    what: Literal["silent", "heard", "forgotten"]
    since: float
    """When the last message before it came."""
    usual: float | None
    """How many messages an hour are usual now."""


class Roster:
    """The peers, by name and listener."""

    def __init__(self, judge: Judge, *, learns: bool = True, most: int = MOST_PEERS) -> None:
        self._judge = judge
        self._hour_of_week = judge.calendar.hour_of_week
        self._learns = learns
        self._most = most
        self._peers: dict[Key, Estimate] = {}
        self._news: dict[Key, tuple[float, int]] = {}
        self._at: float | None = None

    @property
    def estimates(self) -> Mapping[Key, Estimate]:
        """What is known of each peer, for the store."""
        return self._peers

    def restore(self, estimates: Mapping[Key, Estimate]) -> None:
        """Take what the store has of former runs; what was heard in this run meanwhile counts, too."""
        for key, estimate in estimates.items():
            by_hand = key[0] in self._judge.by_hand
            if not by_hand and (key[1] == NO_LISTENER or not self._learns):
                continue  # its keys in the configuration have changed
            if self._at is not None:
                estimate.skip(self._at, self._hour_of_week)
            if (new := self._peers.get(key)) is not None and new.last > estimate.last:
                estimate.heard(new.last, new.count, self._hour_of_week)
            self._peers[key] = estimate
            if key[1] != NO_LISTENER:
                self._peers.pop((key[0], NO_LISTENER), None)

    def heard(self, peer: str, listener: str, at: float, count: int) -> None:
        """Note that *count* messages came since the last call, the last of them *at*."""
        if self._learns or peer in self._judge.by_hand:
            before, counted = self._news.get((peer, listener), (at, 0))
            self._news[peer, listener] = max(at, before), counted + count

    def tick(self, now: float) -> list[Change]:
        """Judge all peers; return which silences have begun or ended since the last call."""
        if self._at is None:
            self._await_by_hand(now)
        if self._at is None or not 0 <= now - self._at <= UNWATCHED_SECONDS:
            for estimate in self._peers.values():
                estimate.skip(now, self._hour_of_week)
        self._at = now
        news, self._news = self._news, {}
        changes = [change for key, (at, count) in news.items() for change in self._hear(key, min(at, now), count)]
        for (peer, _), estimate in self._peers.items():
            estimate.advance(now, self._hour_of_week, is_expected=self._judge.expects(peer))
        self._judge.look(now, self._peers)
        return [*changes, *self._begin(), *self._forget()]

    def seen(self) -> list[SilenceSeen]:
        """Return how each peer is judged, those that are silent first."""
        found = [self._judge.seen(key, estimate) for key, estimate in self._peers.items()]
        return sorted(found, key=lambda each: (_rank(each), each["peer"], each["listener"]))

    def counts(self) -> dict[str, int]:
        """Return how many peers are in each state."""
        counts: dict[str, int] = dict.fromkeys(STATES, 0)
        for key, estimate in self._peers.items():
            counts[self._judge.state(key, estimate)] += 1
        return counts

    def _await_by_hand(self, now: float) -> None:
        """Begin to wait for the peers set by hand that were never heard."""
        for peer in self._judge.by_hand.keys() - {peer for peer, _ in self._peers}:
            self._peers[peer, NO_LISTENER] = Estimate(now, now)
        self._judge.look(now, self._peers)

    def _hear(self, key: Key, at: float, count: int) -> list[Change]:
        estimate = self._peers.get(key)
        if estimate is None:
            if len(self._peers) < self._most or self._makes_room():
                self._peers[key] = Estimate(at, at, count=count)
            estimate = self._peers.pop((key[0], NO_LISTENER), None)
            return [] if estimate is None or not estimate.is_told else [self._change(key, estimate, "heard")]
        estimate.advance(at, self._hour_of_week, is_expected=self._judge.expects(key[0]))
        changes = [self._change(key, estimate, "heard")] if estimate.is_told else []
        estimate.heard(at, count, self._hour_of_week)
        estimate.is_told = False
        return changes

    def _begin(self) -> list[Change]:
        changes = []
        for key, estimate in self._peers.items():
            if not estimate.is_told and self._judge.state(key, estimate) == "silent":
                estimate.is_told = True
                changes.append(self._change(key, estimate, "silent"))
        return changes

    def _forget(self) -> list[Change]:
        """Forget the peers that were quiet for weeks, but not those that somebody waits for by hand."""
        gone = {
            key: estimate
            for key, estimate in self._peers.items()
            if estimate.quiet >= FORGOTTEN_SECONDS
            and (key[0] not in self._judge.by_hand or self._judge.quiet(key, estimate) < FORGOTTEN_SECONDS)
        }
        for key in gone:
            del self._peers[key]
        return [self._change(key, estimate, "forgotten") for key, estimate in gone.items() if estimate.is_told]

    def _makes_room(self) -> bool:
        """Forget the one that was heard longest ago of those that are still learnt; return whether there is one.

        Names come from the network: a sender that makes up names must not displace what was learnt in weeks.
        """
        new = [
            (estimate.last, key)
            for key, estimate in self._peers.items()
            if not estimate.rates.is_learnt and key[0] not in self._judge.by_hand
        ]
        if new:
            del self._peers[min(new)[1]]
        return bool(new)

    def _change(self, key: Key, estimate: Estimate, what: Literal["silent", "heard", "forgotten"]) -> Change:
        return Change(key, what, estimate.last, self._judge.rate(estimate))


def _rank(seen: SilenceSeen) -> int:
    return next(rank for rank, state in enumerate(STATES) if state == seen["state"])
