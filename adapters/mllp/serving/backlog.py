"""The blocks of one peer that are not answered yet: the queued ones, and the one being answered."""

from collections import deque

MOST_QUEUED = 16
"""Queued blocks at which reading pauses; the block being answered is not counted."""
MOST_QUEUED_OCTETS = 1024 * 1024
"""Octets of queued blocks at which reading pauses."""


class Backlog:
    """Blocks in the order received, and how much they hold."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[bytes, float, bytes]] = deque()
        self._waiting = 0
        self._in_hand = 0

    def __len__(self) -> int:
        """Return how many blocks are queued."""
        return len(self._blocks)

    @property
    def octets(self) -> int:
        """Octets of the queued blocks and of the one being answered."""
        return self._waiting + self._in_hand

    @property
    def has_plenty(self) -> bool:
        """Whether so much is queued that reading should pause."""
        return len(self._blocks) >= MOST_QUEUED or self._waiting >= MOST_QUEUED_OCTETS

    def add(self, payload: bytes, arrived: float, dropped: bytes = b"") -> None:
        """Queue a block; *arrived* is when its last octet came, *dropped* the beginning of what was dropped before."""
        self._blocks.append((payload, arrived, dropped))
        self._waiting += len(payload) + len(dropped)

    def take(self) -> tuple[bytes, float, bytes]:
        """Return the first block and what was added with it; its octets count until :meth:`answered`."""
        block = self._blocks.popleft()
        self._in_hand = len(block[0]) + len(block[2])
        self._waiting -= self._in_hand
        return block

    def answered(self) -> None:
        """Stop counting the block that was taken."""
        self._in_hand = 0

    def drop(self) -> None:
        """Drop the queued blocks."""
        self._blocks.clear()
        self._waiting = 0
