"""The last associations of each peer, in memory, so that `hilum explain` can say what happened in them.

All is bounded: associations of a peer, peers, and presentation contexts of all together, since whoever may connect may
call itself by any name. Those that were heard of longest ago go first.
"""

from collections import deque
from collections.abc import Iterator

from gateway.contract.associations import Association, AssociationSeen

MOST_PEERS = 500
MOST_OF_A_PEER = 4
MOST_CONTEXTS = 20_000
"""Presentation contexts of all that are kept: 25 MB at most, if each has 8 transfer syntaxes of the greatest length."""


class Associations:
    """One per process; used from the event loop only."""

    def __init__(
        self, most_peers: int = MOST_PEERS, most_of_a_peer: int = MOST_OF_A_PEER, most_contexts: int = MOST_CONTEXTS
    ) -> None:
        self._most_peers, self._most_of_a_peer, self._most_contexts = most_peers, most_of_a_peer, most_contexts
        self._peers: dict[str, deque[Association]] = {}  # the peer that was heard of last is the last one
        self._contexts = 0

    def add(self, association: Association) -> None:
        """Keep an association; it may change while it lasts, but not its contexts."""
        kept = self._peers.pop(association.peer, None) or deque[Association]()
        self._peers[association.peer] = kept
        if len(kept) == self._most_of_a_peer:
            self._contexts -= len(kept.popleft().contexts)
        kept.append(association)
        self._contexts += len(association.contexts)
        while len(self._peers) > self._most_peers or (self._contexts > self._most_contexts and len(self._peers) > 1):
            self._forget(next(iter(self._peers)))

    def of(self, peer: str) -> list[AssociationSeen]:
        """Return the associations of a peer, the latest first; a peer may be named by its IP address, too."""
        found = self._peers.get(peer)
        named = [each for each in self._all() if each.address.rpartition(":")[0] == peer] if found is None else found
        return [each.seen() for each in sorted(named, key=lambda each: -each.at)][: self._most_of_a_peer]

    async def asked(self, peer: str) -> list[AssociationSeen]:
        """Return the same, where the associations of several processes are asked for in the same way."""
        return self.of(peer)

    def _all(self) -> Iterator[Association]:
        for each in self._peers.values():
            yield from each

    def _forget(self, peer: str) -> None:
        self._contexts -= sum(len(each.contexts) for each in self._peers.pop(peer))
