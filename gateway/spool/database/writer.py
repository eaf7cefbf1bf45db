"""The one thread that writes: all work that waits when the thread is free becomes one transaction with one fsync."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from gateway.spool.care.remains import Remains
from gateway.spool.database.ledger import PLAIN, Ledger
from gateway.spool.interface import SpoolError
from gateway.spool.payloads.seal import Seal

T = TypeVar("T")
Work = Callable[[Ledger], Any]
Waiting = tuple[asyncio.Future[Any], Work]
Done = tuple[asyncio.Future[Any], Any, Exception | None]
MAX_TOGETHER = 2000
MOMENT_SECONDS = 0.002
"""How long work waits for other work that can wait."""
PAUSE_SECONDS = 1.0
"""How long the thread rests after what nothing has caught: it may be due again at once."""
CLOSED = "the spool has been closed"
FAILED = "the spool's writer has failed"


class WorkFailed(SpoolError):  # noqa: N818 - it names what happened
    """The writer has failed beside the work, of which nothing is recorded: it may be tried again."""


class Failed(Exception):  # noqa: N818 - it names what happened
    """A piece of work without a savepoint has failed: its whole transaction must be rolled back."""


class GroupWriter:
    """Runs pieces of work, each all or nothing, in the order submitted; resolves each when it is on stable storage.

    A piece may be run twice, because its first run is rolled back when another piece fails: it must change nothing but
    the ledger.

    *now* is called once per transaction for the readings of the steady and the wall clock, which are stored in the
    spool; None if another process stores them. *held* is called after each transaction with the octets of payload in
    the spool, and with those that its database can fill again without growing.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: Callable[[], tuple[float, float]] | None,
        held: Callable[[int, int], None],
        seal: Seal = PLAIN,
    ) -> None:
        self._connection = connection
        self._ledger = Ledger(connection, seal)
        self._remains = Remains(connection, self._ledger, owner=now is not None)
        self._now = now
        self._held = held
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Waiting] = []
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="spool-writer")
        self._thread.start()

    @property
    def unmoved(self) -> int:
        """How many messages were acknowledged and are not in the database yet."""
        return 0

    def submit(self, work: Callable[[Ledger], T]) -> asyncio.Future[T]:
        """Queue a piece of work; what it raises is raised by the future, and nothing of it stays."""
        future: asyncio.Future[T] = self._loop.create_future()
        with self._wake:
            if self._closing:
                future.set_exception(SpoolError(CLOSED))
                return future
            self._waiting.append((future, work))
            if len(self._waiting) == 1 or not self._can_wait(work):
                self._wake.notify()
        return future

    def _can_wait(self, _work: Work) -> bool:
        """Tell whether a piece of work is better done a moment later, together with others."""
        return False

    async def close(self) -> None:
        """Finish what was submitted, then close the connection."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            try:
                self._work(batch)
            except Exception as error:  # noqa: BLE001 - handed to the callers; the thread lives on
                self._note_unexpected(error)
                self._post([(future, None, WorkFailed(FAILED)) for future, _ in batch])
                self._pause()
        self._finish()
        self._remains.clear_at_the_end()

    def _work(self, batch: list[Waiting]) -> None:
        if batch:
            self._post(self._commit(batch))
            self._remains.wrote()
        self._look_after()

    def _pause(self) -> None:
        """Let what has failed beside the work rest; new work ends the pause."""
        with self._wake:
            if not (self._waiting or self._closing):
                self._wake.wait(PAUSE_SECONDS)

    def _note_unexpected(self, error: Exception) -> None:
        """Take note of what nothing else has caught; those are told who wait for the work."""

    def _look_after(self) -> None:
        """Do what is due beside the work."""
        if self._remains.seconds_left() == 0:
            self._remains.clear()

    def _finish(self) -> None:
        """Do what is left when there is no more work."""

    def _seconds_left(self) -> float | None:
        """Return in how long something is due beside the work; None if nothing is."""
        return self._remains.seconds_left()

    def _next_batch(self) -> list[Waiting] | None:
        """Wait for work and return it; nothing when what remains of earlier work is to be cleared, None at the end."""
        with self._wake:
            while not self._waiting and not self._closing:
                left = self._seconds_left()
                if left == 0:
                    return []
                self._wake.wait(left)
            if all(self._can_wait(work) for _, work in self._waiting) and not self._closing:
                self._wake.wait(MOMENT_SECONDS)
            batch, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            return batch or None

    def _commit(self, batch: list[Waiting]) -> list[Done]:
        """Do all of *batch*; if a piece of it fails, do it again with a savepoint around each."""
        for attempt in (_attempt_freely, self._attempt):
            done: list[Done] = []
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                if self._now is not None:
                    self._ledger.record_time(*self._now())
                done = [attempt(self._ledger, *each) for each in batch if not each[0].cancelled()]
                held, reusable = self._ledger.held(), self._ledger.reusable()
                self._connection.execute("COMMIT")
            except Failed:
                self._undo("ROLLBACK")
                continue
            except Exception as error:  # noqa: BLE001 - handed to the callers; the thread lives on
                self._undo("ROLLBACK")
                return [(future, None, error) for future, _ in batch]
            self._held(held, reusable)
            break
        return done

    def _attempt(self, ledger: Ledger, future: asyncio.Future[Any], work: Work) -> Done:
        self._connection.execute("SAVEPOINT work")
        try:
            result = work(ledger)
            self._connection.execute("RELEASE work")
        except Exception as error:  # handed to the caller; the others go on
            self._undo("ROLLBACK TO work")
            if not self._connection.in_transaction:  # SQLite itself rolled all of it back, as it may on a full disk
                raise
            self._connection.execute("RELEASE work")
            return future, None, error
        return future, result, None

    def _undo(self, statement: str) -> None:
        self._ledger.forget_destinations()
        with suppress(sqlite3.Error):
            self._connection.execute(statement)

    def _post(self, done: list[Done]) -> None:
        """Have those told who wait, in the loop's thread."""
        self._loop.call_soon_threadsafe(self._resolve, done)

    @staticmethod
    def _resolve(done: list[Done]) -> None:
        for future, result, error in done:
            if future.done():  # cancelled meanwhile
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


def _attempt_freely(ledger: Ledger, future: asyncio.Future[Any], work: Work) -> Done:
    """Do a piece of work without a savepoint, which costs as much as two of its statements."""
    try:
        return future, work(ledger), None
    except Exception as error:
        raise Failed from error
