"""Moves what an intake log holds to the database, when it is due, and tells the loop of that. Used in one thread."""

import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.spool.damage import ERRORS
from gateway.spool.database.connections import BODIES
from gateway.spool.database.schema import note_log
from gateway.spool.database.writer import Done, GroupWriter
from gateway.spool.log.adding import Adding
from gateway.spool.log.appending import Appender
from gateway.spool.log.asking import answer, is_asked
from gateway.spool.log.heads import Heads
from gateway.spool.log.moving import move
from gateway.spool.log.ready import News
from gateway.spool.log.records import CommittedRecord, DeliveredRecord
from gateway.spool.log.window import Head, Item, Queue, Window
from gateway.spool.payloads.files import remove
from gateway.spool.payloads.seal import Seal

MOST_MESSAGES, MOST_OCTETS = 8192, 32 * 2**20
"""The first messages of the log are moved when it holds so many, or so much,"""
SLICE = 256
"""so many at once: whoever waits for the log waits for that, too;"""
MOST_TOGETHER = 8 * 2**20
"""Octets that are added to the log at once, about: it holds so much more at most;"""
ENOUGH_ENDED = 256
"""what was delivered, when it is so many messages;"""
OLDEST_SECONDS = 5.0
"""the same when the first that waits has waited for so long;"""
IDLE_SECONDS = 0.1
"""and what was delivered, when nothing comes for so long."""
ROTATE_SECONDS = 1.0
"""A segment is not written for longer, so that it can be freed."""
ASKED_SECONDS = 0.05
"""How often to look whether another process asks for what is in the log, while nothing comes."""
AGAIN_SECONDS = 1.0
"""When to try again what the database did not take."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom the writer tells."""

    news: Callable[[News], None]
    """Called in the loop's thread, before those are told who wait for a piece of work."""
    trouble: Callable[[Exception], None]
    """Called in the writer's thread with what keeps it from moving the log."""
    failed: Callable[[OSError], None]
    """Called in the writer's thread when the file system has refused something, once until the log takes some again."""


class EmptyingWriter(GroupWriter):
    """A group writer with a log before it, which it empties; how the log is filled is its subclass's."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: Callable[[], tuple[float, float]],
        held: Callable[[int, int], None],
        seal: Seal,
        log: Appender,
        hooks: Hooks,
    ) -> None:
        self._log, self._hooks = log, hooks
        self._window = Window()
        self._adding, self._heads = Adding(connection, seal, self._window), Heads(connection, self._window)
        self._news = News()
        self._tell_held, self._in_rows = held, (0, 0)
        self._is_failing = False
        """Whether the log took nothing the last time."""
        self._stuck = False
        """Whether the database did not take what is in the log."""
        self._noted = False
        """Whether the database says that it has a log."""
        self._kept: set[str] = set()
        """The payload files of messages whose delivery is not recorded on stable storage yet."""
        self._last = self._due = self._rotated = 0.0
        super().__init__(connection, now, self._note_held, seal)

    @property
    def unmoved(self) -> int:
        """How many messages are in the log and not in the database; any thread may ask."""
        return len(self._window)

    def _make_room(self) -> None:
        """Move what is due before more comes in; raises what keeps it from being moved."""
        if self._stuck or self._log.failed:
            self._move_all()
        elif self._is_full():
            while self._is_full():
                self._move(self._window.oldest(SLICE))
        elif self._window.count_of_ended >= ENOUGH_ENDED:
            self._move(self._window.ended)

    def _is_full(self) -> bool:
        count = len(self._window)
        return count > 0 and (count >= MOST_MESSAGES or self._window.octets >= MOST_OCTETS)

    def _try_to_move_all(self) -> None:
        try:
            self._move_all()
        except Exception as error:  # noqa: BLE001 - it is told and tried again; the thread lives on
            self._note_stuck(error)

    def _move_all(self) -> None:
        self._move(list(self._window))

    def _move(self, items: Sequence[Item]) -> None:
        if items:
            self._in_transaction("BEGIN IMMEDIATE", lambda: self._put([(item.record, item.done) for item in items]))
            self._remains.wrote()
            self._forget(items)
            self._remove_files(items)
        self._stuck = False
        if (first := self._window.first) is not None:
            self._log.free_before(first.segment or self._log.number)
        else:
            self._log.free_all()
            answer(self._log.folder)

    def _remove_files(self, items: Iterable[Item]) -> None:
        """Remove the files that were kept until the deliveries of their messages are on stable storage."""
        names = {item.record.file for item in items if item.record.file is not None and not item.open}
        for name in names & self._kept:
            remove(self._log.folder / BODIES / name)
            self._kept.discard(name)

    def _put(self, messages: Sequence[tuple[CommittedRecord, dict[int, DeliveredRecord]]]) -> None:
        if self._now is not None:
            self._ledger.record_time(*self._now())
        move(self._connection, messages)
        self._in_rows = self._ledger.held(), self._ledger.reusable()

    def _forget(self, items: Sequence[Item]) -> None:
        waiting = [(item, each) for item in items for each in item.record.deliveries if each.number in item.open]
        for item, each in waiting:
            key = item.record.seq, each.number
            self._heads.forget(key)
            self._news.moved.append((each.name, key))
        firsts = self._window.forget([item.record.seq for item in items])
        self._report_held()
        if waiting:
            self._beside(lambda: self._offer(firsts, ()))  # most wait for what was moved; they are told after that
            self._beside(self._note_database)

    def _look_after(self) -> None:
        now = time.monotonic()
        if self._due and now >= self._due:
            self._move_what_is_due(now)
            self._tell_failure()
            self._plan()
            self._post([])
        super()._look_after()

    def _move_what_is_due(self, now: float) -> None:
        oldest = next((item.since for item in self._window if item.open), now)
        try:
            if self._stuck or self._log.failed or is_asked(self._log.folder):
                self._move_all()
            elif now - oldest >= OLDEST_SECONDS:
                self._move(self._window.oldest(SLICE))
            else:
                self._move(self._window.ended)
        except Exception as error:  # noqa: BLE001 - it is told and tried again; the thread lives on
            self._note_stuck(error)
        if now - self._rotated >= ROTATE_SECONDS:
            self._log.rotate()
            self._rotated = now

    def _tell_failure(self) -> None:
        """Tell what the file system has refused, once until the log takes something again."""
        error = self._log.take_error()
        if error is not None and not self._is_failing:
            self._is_failing = True
            self._hooks.failed(error)

    def _beside(self, work: Callable[[], object]) -> None:
        """Do what follows work that is on stable storage: whether or not it fails, senders are told that it is."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a sender told otherwise would send again, and its file would go
            self._note_unexpected(error)

    def _note_unexpected(self, error: Exception) -> None:
        self._note_stuck(error)
        self._due = time.monotonic() + AGAIN_SECONDS

    def _note_stuck(self, error: Exception) -> None:
        self._stuck = True
        self._hooks.trouble(error)

    def _plan(self) -> None:
        """Decide when to look again whether something is to be moved; 0 is never."""
        first = self._window.first
        if first is None and not self._log.holds_something:
            self._due = 0.0
        elif self._stuck or self._log.failed:
            self._due = time.monotonic() + AGAIN_SECONDS
        elif first is None:
            self._due = self._last + IDLE_SECONDS
        else:
            idle = self._last + IDLE_SECONDS if self._window.count_of_ended else math.inf
            self._due = min(first.since + OLDEST_SECONDS, idle, time.monotonic() + ASKED_SECONDS)

    def _seconds_left(self) -> float | None:
        left = super()._seconds_left()
        if not self._due:
            return left
        due = max(0.0, self._due - time.monotonic())
        return due if left is None else min(left, due)

    def _post(self, done: list[Done]) -> None:
        """Have the news told first; what comes up meanwhile is for the next time."""
        news, self._news = self._news, News()
        self._loop.call_soon_threadsafe(self._tell, news, done)

    def _tell(self, news: News, done: list[Done]) -> None:
        self._hooks.news(news)
        self._resolve(done)

    def _offer(self, heads: list[Head], new: Iterable[Item]) -> None:
        """Tell of those who are first of all queues; where that cannot be told they are moved and claimed there."""
        heads += [(item, each) for item in new if item.segment for each in item.record.deliveries]
        try:
            self._news.heads += self._heads.offer(heads)
        except ERRORS as error:
            self._hooks.trouble(error)

    def _note_database(self, queues: Iterable[Queue] = ()) -> None:
        """Take note of what the database holds now: for whom something waits, and whom in these *queues* it frees."""
        try:
            self._news.waiting = frozenset(str(name) for (name,) in self._connection.execute(WAITING_FOR))
            self._news.heads += self._heads.free(queues)
        except ERRORS as error:
            self._hooks.trouble(error)

    def _finish(self) -> None:
        try:
            self._move_all()
            self._log.remove_all()
            self._note_no_log()
        except Exception as error:  # noqa: BLE001 - it is moved when the spool is opened
            self._hooks.trouble(error)
            self._log.close()
        self._tell_failure()

    def _note_no_log(self) -> None:
        """Let an older Hilum open the spool: it finds all there is in the database."""
        if self._noted:
            note_log(self._connection, exists=False)
            self._noted = False

    def _in_transaction(self, begin: str, work: Callable[[], Any]) -> Any:
        self._connection.execute(begin)
        try:
            result = work()
            self._connection.execute("COMMIT")
        except BaseException:
            self._undo("ROLLBACK")
            raise
        return result

    def _note_held(self, held: int, reusable: int) -> None:
        self._in_rows = held, reusable
        self._report_held()

    def _report_held(self) -> None:
        held, reusable = self._in_rows
        self._tell_held(held + self._window.held, reusable)


WAITING_FOR = """
SELECT n.name FROM totals t JOIN destinations n ON n.id = t.destination WHERE t.state = 0 AND t.count > 0
"""
