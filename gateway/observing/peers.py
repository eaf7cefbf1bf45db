"""What this process has observed of its peers: who they are, how many messages they send, what was noticed of them.

The facts of each message come in batches, as the rows of the journal, in the journal's thread; everything else is rare
and comes from the event loop. A lock guards both. A peer is here once it has sent a message or something was noticed of
it: a probe that only connects is no peer.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.journal import Row
from gateway.contract.observed import PeerSeen
from gateway.contract.outcome import NO_ROUTE
from gateway.observing.open_connections import OpenConnections
from gateway.observing.peer_record import PeerRecord

MOST_PEERS = 2_000
"""Peers that are remembered; beyond them, the one that was heard of longest ago is forgotten."""
MOST_STRANGERS = 500
"""Of these, peers of which no message has come: so many addresses that are turned away displace no peer that sends."""
MOST_TOGETHER = 20
"""Peers behind one address up to which a further one is told of; more are those of an engine or a proxy."""

Key = tuple[str, str]
"""Listener and name."""

Refusal = tuple[str, str, str, str]
"""Listener, peer, reason and type."""

_alike: Callable[[Row], tuple[str, str, str, str]] = attrgetter("listener", "peer", "outcome", "address")
_what: Callable[[Row], Refusal] = attrgetter("listener", "peer", "reason", "type")


class Peers:
    """One per process. Every method may be called from any thread."""

    def __init__(
        self, now: Callable[[], float] = time.time, most: int = MOST_PEERS, most_strangers: int = MOST_STRANGERS
    ) -> None:
        self._now = now
        self._most = most
        self._most_strangers = most_strangers
        self._lock = threading.Lock()
        # In each, the one that was heard of last is the last one.
        self._peers: dict[Key, PeerRecord] = {}
        self._strangers: dict[Key, PeerRecord] = {}
        self._open = OpenConnections()
        self._together: defaultdict[Key, set[str]] = defaultdict(set)  # by listener and IP address, the names

    def notice(self, listener: str, notice: Notice) -> None:
        """Record what *listener* has noticed of a peer."""
        with self._lock:
            key = listener, notice.peer
            record = self._peers.get(key) or self._take(self._strangers, key, notice.peer_ip, self._most_strangers)
            record.notice(notice.diagnosis, self._now())

    def opened(self, listener: str, address: str) -> None:
        """Record a connection from *address* (``ip:port``)."""
        with self._lock:
            self._open.opened(listener, address)

    def closed(self, listener: str, address: str) -> None:
        """Record that the connection from *address* has ended."""
        with self._lock:
            self._open.closed(listener, address)

    def rows(self, batch: Sequence[Row]) -> None:
        """Count the messages in *batch*, oldest first.

        The first steps run in C, because the batches have every message of the gateway in them; few of them differ.
        """
        alike = list(map(_alike, batch))
        counts = Counter(alike)
        last = dict(zip(alike, range(len(batch)), strict=True))
        is_any_refused = any(outcome == "refused" for _, _, outcome, _ in counts)
        refused = Counter(map(_what, filter(_is_refused_here, batch))) if is_any_refused else Counter[Refusal]()
        with self._lock:
            for row in self._latest(map(batch.__getitem__, sorted(last.values()))):
                self._heard((row.listener, row.peer), row.address.rpartition(":")[0], row.at)
            for (listener, peer, outcome, _), count in counts.items():
                if (found := self._peers.get((listener, peer))) is not None:
                    found.count(outcome, count, self._now())
            for (listener, peer, reason, kind), count in refused.items():
                if (found := self._peers.get((listener, peer))) is not None:
                    found.notice(_refusal(reason, kind), self._now(), count)

    def _latest(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Return the last one of each peer in *rows*, and take note of who sends over which connection."""
        latest: dict[Key, Row] = {}
        for row in rows:
            self._open.names(row.listener, row.address, row.peer)
            if row.listener:  # else it is an attempt of commit mode to deliver
                latest.pop((row.listener, row.peer), None)
                latest[row.listener, row.peer] = row
        return latest.values()

    def seen(self) -> list[PeerSeen]:
        """Return what is known of each peer: first those that send, the one that was heard of last first."""
        with self._lock:
            everyone = self._strangers | self._peers
            connections = self._open.by_peer({key: each.peer_ip for key, each in everyone.items()})
            return [each.seen(connections[key]) for key, each in reversed(everyone.items())]

    def _heard(self, key: Key, peer_ip: str, at: float) -> None:
        record = self._strangers.pop(key, None)
        if record is not None:
            self._peers[key] = record
        is_known = record is None and key in self._peers
        record = self._take(self._peers, key, peer_ip, self._most - self._most_strangers)
        record.last_message = max(at, record.last_message or 0.0)
        if not is_known or record.peer_ip != peer_ip:
            self._leave(record)
            record.peer_ip = peer_ip
            self._come(record)

    def _take(self, peers: dict[Key, PeerRecord], key: Key, peer_ip: str, most: int) -> PeerRecord:
        """Return the record of a peer, which is now the last one of *peers*; there are at most *most* of them."""
        record = peers.pop(key, None) or PeerRecord(*key, peer_ip)
        peers[key] = record
        if len(peers) > most:
            self._leave(peers.pop(next(iter(peers))))
        return record

    def _come(self, record: PeerRecord) -> None:
        """Say which other peers of the listener come from the same address."""
        names = self._together[record.listener, record.peer_ip]
        names.add(record.peer)
        if 1 < len(names) <= MOST_TOGETHER:
            details = {"address": record.peer_ip, "peers": ", ".join(sorted(names)), "count": str(len(names))}
            record.notice(Diagnosis(Cause.SEVERAL_PEERS, details), self._now())

    def _leave(self, record: PeerRecord) -> None:
        place = record.listener, record.peer_ip
        names = self._together.get(place, set())
        names.discard(record.peer)
        if not names:
            self._together.pop(place, None)


def _is_refused_here(row: Row) -> bool:
    """Whether Hilum itself refused the message: what a destination refuses is a case of the destination."""
    return row.outcome == "refused" and bool(row.listener) and not row.destination


def _refusal(reason: str, kind: str) -> Diagnosis:
    if reason == NO_ROUTE.reason:
        return Diagnosis(Cause.UNROUTED, {"type": kind})
    return Diagnosis(Cause.PEER_REFUSED_OFTEN, {"reason": reason})
