"""The blocks of one peer that are not answered yet: those that wait, and the one in hand."""

from collections import deque

MOST_QUEUED = 16
"""Blocks behind the one in hand before reading pauses."""
MOST_QUEUED_OCTETS = 1024 * 1024
"""The same for large blocks."""


class Backlog:
    """Blocks in the order received, and how much they hold."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[bytes, float, bytes]] = deque()
        self._waiting = 0
        self._in_hand = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._blocks)

    @property
    def octets(self) -> int:
        """Octets of those that wait and of the one in hand."""
        return self._waiting + self._in_hand

    @property
    def has_plenty(self) -> bool:
        """Whether enough waits."""
        return len(self._blocks) >= MOST_QUEUED or self._waiting >= MOST_QUEUED_OCTETS

    def add(self, payload: bytes, arrived: float, dropped: bytes = b"") -> None:
        """Queue a block; *arrived* is when its last octet came in, *dropped* begins what was dropped before it."""
        self._blocks.append((payload, arrived, dropped))
        self._waiting += len(payload) + len(dropped)

    def take(self) -> tuple[bytes, float, bytes]:
        """Return the first block, and what was added with it; it is in hand until it is answered."""
        block = self._blocks.popleft()
        self._in_hand = len(block[0]) + len(block[2])
        self._waiting -= self._in_hand
        return block

    def answered(self) -> None:
        """Let go of the block in hand."""
        self._in_hand = 0

    def drop(self) -> None:
        """Let go of those that wait."""
        self._blocks.clear()
        self._waiting = 0
