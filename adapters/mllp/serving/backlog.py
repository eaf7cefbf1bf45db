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
        self.count = 0
        """How many blocks are queued."""
        self.octets = 0
        """Octets of the queued blocks and of the one being answered."""
        self._in_hand = 0

    def __len__(self) -> int:
        """Return how many blocks are queued."""
        return self.count

    @property
    def has_plenty(self) -> bool:
        """Whether so much is queued that reading should pause."""
        return self.count >= MOST_QUEUED or self.octets - self._in_hand >= MOST_QUEUED_OCTETS

    def add(self, payload: bytes, arrived: float, dropped: bytes = b"") -> None:
        """Queue a block; *arrived* is when its last octet came, *dropped* the beginning of what was dropped before."""
        self._blocks.append((payload, arrived, dropped))
        self.count += 1
        self.octets += len(payload) + len(dropped)

    def take(self) -> tuple[bytes, float, bytes]:
        """Return the first block and what was added with it; its octets count until :meth:`answered`."""
        block = self._blocks.popleft()
        self.count -= 1
        self._in_hand = len(block[0]) + len(block[2])
        return block

    def answered(self) -> None:
        """Stop counting the block that was taken."""
        self.octets -= self._in_hand
        self._in_hand = 0

    def drop(self) -> None:
        """Drop the queued blocks."""
        self._blocks.clear()
        self.count, self.octets = 0, self._in_hand
