"""Counts the connections of a listener against its limits."""

from collections import Counter

from gateway.message import Rejection


class Admission:
    """Says who may come in. Every peer that was let in must leave."""

    def __init__(self, most: int, most_per_peer: int) -> None:
        self._most = most
        self._most_per_peer = most_per_peer
        self._peers: Counter[str] = Counter()
        self._total = 0

    def enter(self, peer_ip: str) -> Rejection | None:
        """Let a connection from *peer_ip* in, or return the limit it would break."""
        if self._total >= self._most:
            return Rejection.CONNECTION_LIMIT
        if self._peers[peer_ip] >= self._most_per_peer:
            return Rejection.PEER_LIMIT
        self._total += 1
        self._peers[peer_ip] += 1
        return None

    def leave(self, peer_ip: str) -> None:
        """Give back the place of a connection from *peer_ip*."""
        self._total -= 1
        self._peers[peer_ip] -= 1
        if not self._peers[peer_ip]:
            del self._peers[peer_ip]
