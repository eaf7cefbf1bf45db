"""The journal of one process: takes what is recorded, and a thread that hands it to readers and to the disk.

Every 0.25 s the thread takes what waits. Between two wakes the event loop pays for an append only, and a process that
is killed loses what came since the last one.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from gateway.contract.journal import ReadRows, Row
from gateway.journal.buffer import Buffer
from gateway.journal.rows import RowMaker
from gateway.telemetry.faults import report

TICK_SECONDS = 0.25


class Storing(Protocol):
    """Where rows are kept."""

    def write(self, rows: Sequence[Row]) -> int:
        """Write *rows*, and what else is due; return how many of them are lost. Called also when there are none."""

    def close(self) -> None:
        """Close what is open."""


class Journal:
    """Takes rows from the event loop; :meth:`start` and :meth:`stop` begin and end its thread."""

    def __init__(self, row_maker: RowMaker, store: Storing | None = None, buffer: Buffer | None = None) -> None:
        self._row_maker = row_maker
        self.kept = row_maker.kept
        """Returns what is kept of an identifier of a listener."""
        self._store = store
        self.buffer = buffer or Buffer()
        self.record = self.buffer.record
        """Takes the values of an ``Answered`` or an ``Attempted``; may be called from the event loop only."""
        self._readers: list[ReadRows] = []
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._ticks = 0
        self._thread: threading.Thread | None = None

    def subscribe(self, read: ReadRows) -> None:
        """Have *read* called with each batch of rows, in the journal's thread, also where nothing is kept on disk."""
        self._readers.append(read)

    @property
    def is_kept(self) -> bool:
        """Whether rows are written to the disk."""
        return self._store is not None

    @property
    def dropped(self) -> int:
        """How many rows are not in the journal, because it could not keep up or could not be written."""
        return self.buffer.dropped

    def start(self) -> None:
        """Begin to take rows from the buffer. Raises RuntimeError if the system starts no thread."""
        thread = threading.Thread(target=self._run, name="journal", daemon=True)
        thread.start()
        self._thread = thread

    def stop(self, seconds: float = 5.0) -> None:
        """Write what waits, and end the thread. A disk that hangs is waited for at most *seconds*."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)
        elif self._store is not None:
            self._store.close()

    def flush(self, seconds: float = 10.0) -> bool:
        """Wait until everything that was recorded before is handed on and written; for tests, not in an event loop."""
        with self._changed:
            due = self._ticks + 2  # the tick under way may have taken its rows before
            return self._changed.wait_for(lambda: self._ticks >= due, seconds)

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self._tick()
        self._tick()
        if self._store is not None:
            self._store.close()

    def _tick(self) -> None:
        taken = self.buffer.take()
        try:
            rows = self._row_maker.rows_of(taken)
            self._row_maker.forget()
            if rows:
                for read in self._readers:
                    self._hand(read, rows)
            if self._store is not None:
                self.buffer.drop(self._store.write(rows))
        except Exception as error:  # noqa: BLE001  the journal must go on, and no message depends on it
            self.buffer.drop(len(taken))
            report(error, "journal")
        with self._changed:
            self._ticks += 1
            self._changed.notify_all()

    def _hand(self, read: ReadRows, rows: Sequence[Row]) -> None:
        try:
            read(rows)
        except Exception as error:  # noqa: BLE001  one reader must not keep rows from the others
            report(error, "journal reader")
