"""What this process has observed of its peers: who they are, how many messages they send, what was noticed of them.

The facts of each message come in batches, as the rows of the journal, in the journal's thread; everything else is rare
and comes from the event loop. A lock guards both. A peer is here once it has sent a message or something was noticed of
it: a probe that only connects is no peer.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.observed import PeerSeen
from gateway.observing.open_connections import OpenConnections
from gateway.observing.peer_record import PeerRecord

MOST_PEERS = 2_000
"""Peers that are remembered; beyond them, the one that was heard of longest ago is forgotten."""

# Positions in gateway.contract.journal.Row: the values come as plain tuples.
AT, LISTENER, PEER, ADDRESS, OUTCOME = 0, 2, 3, 4, 8
_peer_of = itemgetter(LISTENER, PEER)
_connection_of = itemgetter(LISTENER, ADDRESS)
_counted = itemgetter(LISTENER, PEER, OUTCOME)

Key = tuple[str, str]
"""Listener and name."""


class Peers:
    """One per process. Every method may be called from any thread."""

    def __init__(self, now: Callable[[], float] = time.time, most: int = MOST_PEERS) -> None:
        self._now = now
        self._most = most
        self._lock = threading.Lock()
        self._peers: dict[Key, PeerRecord] = {}  # the one that was heard of last is the last one
        self._open = OpenConnections()
        self._together: defaultdict[Key, set[str]] = defaultdict(set)  # by listener and IP address, the names

    def notice(self, listener: str, notice: Notice) -> None:
        """Record what *listener* has noticed of a peer."""
        with self._lock:
            self._of((listener, notice.peer), notice.peer_ip).notice(notice.diagnosis, self._now())

    def opened(self, listener: str, address: str) -> None:
        """Record a connection from *address* (``ip:port``)."""
        with self._lock:
            self._open.opened(listener, address)

    def closed(self, listener: str, address: str) -> None:
        """Record that the connection from *address* has ended."""
        with self._lock:
            self._open.closed(listener, address)

    def rows(self, batch: Sequence[tuple[Any, ...]]) -> None:
        """Count the messages in *batch*: values of ``gateway.contract.journal.Row``, oldest first.

        These three steps run in C, because the batches have every message of the gateway in them.
        """
        counts = Counter(map(_counted, batch))
        latest = dict(zip(map(_peer_of, batch), batch, strict=True))
        senders = dict(zip(map(_connection_of, batch), map(itemgetter(PEER), batch), strict=True))
        with self._lock:
            for (listener, peer), row in latest.items():
                if listener:  # else it is an attempt of commit mode to deliver
                    self._heard((listener, peer), row[ADDRESS].rpartition(":")[0], row[AT])
            for (listener, peer, outcome), count in counts.items():
                if (found := self._peers.get((listener, peer))) is not None:
                    found.count(outcome, count, self._now())
            for (listener, address), peer in senders.items():
                self._open.names(listener, address, peer)

    def seen(self) -> list[PeerSeen]:
        """Return what is known of each peer, the one that was heard of last first."""
        with self._lock:
            connections = self._open.by_peer({key: each.peer_ip for key, each in self._peers.items()})
            return [each.seen(connections[key]) for key, each in reversed(self._peers.items())]

    def _heard(self, key: Key, peer_ip: str, at: float) -> None:
        is_first = key not in self._peers
        record = self._of(key, peer_ip)
        record.last_message = max(at, record.last_message or 0.0)
        if is_first or record.peer_ip != peer_ip:
            self._leave(record)
            record.peer_ip = peer_ip
            self._come(record)

    def _come(self, record: PeerRecord) -> None:
        """Say which other peers of the listener come from the same address."""
        names = self._together[record.listener, record.peer_ip]
        names.add(record.peer)
        if len(names) > 1:
            details = {"address": record.peer_ip, "peers": ", ".join(sorted(names)), "count": str(len(names))}
            record.notice(Diagnosis(Cause.SEVERAL_PEERS, details), self._now())

    def _leave(self, record: PeerRecord) -> None:
        place = record.listener, record.peer_ip
        self._together[place].discard(record.peer)
        if not self._together[place]:
            del self._together[place]

    def _of(self, key: Key, peer_ip: str) -> PeerRecord:
        record = self._peers.pop(key, None)
        if record is None:
            record = PeerRecord(*key, peer_ip)
            if len(self._peers) >= self._most:
                self._leave(self._peers.pop(next(iter(self._peers))))
        self._peers[key] = record
        return record
