"""Counts the connections of a listener against its limits."""

from collections import Counter

from gateway.message import Rejection


class Admission:
    """Says who may come in. Every peer that was let in must leave."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._peers: Counter[str] = Counter()
        self._entries: Counter[str] = Counter()
        self._total = 0

    def enter(self, peer_ip: str, most: int, entry: str = "", most_of_entry: int | None = None) -> Rejection | None:
        """Let a connection from *peer_ip* in, or return the limit it would break.

        *most* is how many that address may have, *most_of_entry* how many all addresses of the entry of ``peers`` that
        is called *entry*.
        """
        if self._total >= self._most:
            return Rejection.CONNECTION_LIMIT
        if self._peers[peer_ip] >= most or (most_of_entry is not None and self._entries[entry] >= most_of_entry):
            return Rejection.PEER_LIMIT
        self._total += 1
        self._peers[peer_ip] += 1
        self._entries[entry] += 1
        return None

    def leave(self, peer_ip: str, entry: str = "") -> None:
        """Give back the place of a connection from *peer_ip*."""
        self._total -= 1
        self._entries[entry] -= 1
        self._peers[peer_ip] -= 1
        if not self._peers[peer_ip]:
            del self._peers[peer_ip]
