"""Which connections are open, and to which peer each of them belongs."""

from collections import Counter
from collections.abc import Mapping

Key = tuple[str, str]
"""Listener and name of a peer."""


class OpenConnections:
    """The open connections of a process, by listener and address (``ip:port``).

    A connection belongs to the peer whose message came over it last. While none has come, it belongs to the only peer
    that the listener knows from this IP address, if there is only one: a peer that connects and stays silent.
    """

    def __init__(self) -> None:
        self._peers: dict[tuple[str, str], str] = {}

    def opened(self, listener: str, address: str) -> None:
        """Take note of a connection whose peer is not known."""
        self._peers[listener, address] = ""

    def closed(self, listener: str, address: str) -> None:
        """Forget a connection."""
        self._peers.pop((listener, address), None)

    def names(self, listener: str, address: str, peer: str) -> None:
        """Take note of who sends over a connection; one that has ended meanwhile stays forgotten."""
        if (listener, address) in self._peers:
            self._peers[listener, address] = peer

    def by_peer(self, addresses: Mapping[Key, str]) -> Counter[Key]:
        """Return the number of open connections of each peer; *addresses* are the IP addresses of the known ones."""
        only: dict[tuple[str, str], str] = {}
        for (listener, peer), peer_ip in addresses.items():
            only[listener, peer_ip] = "" if (listener, peer_ip) in only else peer
        return Counter(
            (listener, peer or only.get((listener, address.rpartition(":")[0]), ""))
            for (listener, address), peer in self._peers.items()
        )
