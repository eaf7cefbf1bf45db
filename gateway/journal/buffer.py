"""What waits for the journal's thread. The event loop appends, the thread takes; neither waits for the other."""

from collections import deque

MOST = 20_000
"""Most rows that wait: some seconds at the highest rate. What they refer to takes about 2 kB each."""


class Buffer:
    """A bounded queue. What does not fit is dropped and counted: the journal must never delay a message."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: deque[tuple[object, ...]] = deque()
        self.dropped = 0
        """Number of rows that did not fit, or could not be written."""
        self.highest = 0
        """The most rows that the thread has ever found."""

    def record(self, row: tuple[object, ...]) -> None:
        """Append *row*, or drop it."""
        rows = self._rows
        if len(rows) < self._most:
            rows.append(row)
        else:
            self.dropped += 1

    def take(self) -> list[tuple[object, ...]]:
        """Return what waits, in order; only the thread calls this."""
        rows = self._rows
        count = len(rows)
        self.highest = max(self.highest, count)
        return [rows.popleft() for _ in range(count)]

    def drop(self, count: int) -> None:
        """Count *count* rows that were taken and could not be written."""
        self.dropped += count
