"""The writer of a spool with an intake log: messages are acknowledged once the log has them, and moved from there.

One thread decides all: what a message is a duplicate of, who is first of its queues, what is in the log and what in the
database. Messages that come in and deliveries that have succeeded go to the log; any other piece of work has all of the
log moved to the database before it is done.
"""

import asyncio
import errno
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

from gateway.spool.damage import ERRORS
from gateway.spool.database.ledger import Settled
from gateway.spool.database.schema import note_log
from gateway.spool.database.writer import Done, Waiting, Work
from gateway.spool.interface import Delivered, SpoolError
from gateway.spool.log import emptying
from gateway.spool.log.appending import Write
from gateway.spool.log.asking import is_asked
from gateway.spool.log.counting import totals_of_window
from gateway.spool.log.emptying import EmptyingWriter
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, write_committed, write_delivered
from gateway.spool.log.window import Head, Item, Queue
from gateway.spool.log.works import AddBeside, Append, Flush, Recount, Settle, Sum, in_pieces
from gateway.spool.payloads.intake import CANNOT_WRITE, DISK_IS_FULL

ALREADY = Settled(True)
"""The end of a settlement that was recorded before: only what a destination has is done in the log."""


class LoggedWriter(EmptyingWriter):
    """A group writer with a log before it."""

    def _commit(self, batch: list[Waiting]) -> list[Done]:
        done: list[Done] = []
        for is_for_log, group in groupby(batch, key=lambda each: isinstance(each[1], Append | Settle | Sum | Recount)):
            run = list(group)
            if is_for_log:
                for piece in in_pieces(run, emptying.MOST_TOGETHER):
                    done += self._with_log(piece)
            else:
                done += self._without_log(run)
        self._last = time.monotonic()
        self._beside(self._answer_and_plan)
        return done

    def _answer_and_plan(self) -> None:
        if self._log.holds_something and is_asked(self._log.folder):
            self._move_what_is_due(self._last)
        self._tell_failure()
        self._plan()

    def _can_wait(self, work: Work) -> bool:
        """Tell whether it is a delivery: no sync keeps the thread busy while others collect."""
        return isinstance(work, Settle) and isinstance(work.settlement, Delivered)

    def _without_log(self, run: list[Waiting]) -> list[Done]:
        """Do what the log knows nothing of, after all of it has been moved."""
        try:
            self._move_all()
            if any(isinstance(work, AddBeside) for _, work in run):
                self._note_no_log()
        except Exception as error:  # noqa: BLE001 - an operator may make room all the same
            self._note_stuck(error)
            failed = [(future, None, error) for future, work in run if isinstance(work, AddBeside | Flush)]
            return [*failed, *self._in_database([each for each in run if not isinstance(each[1], AddBeside | Flush)])]
        return self._in_database(run)

    def _in_database(self, run: list[Waiting]) -> list[Done]:
        if not run:
            return []
        queues: set[Queue] = set()
        try:
            queues = self._heads.queues_of(work.key for _, work in run if isinstance(work, Settle))
        except ERRORS as error:
            self._hooks.trouble(error)
        self._adding.forget_number()
        done = super()._commit(run)
        self._beside(lambda: self._note_database(queues))
        return done

    def _with_log(self, run: list[Waiting]) -> list[Done]:
        try:
            return self._in_log(run)
        except Exception as error:  # noqa: BLE001 - handed to the callers; the thread lives on
            self._window.undo([item.record.seq for item in self._window if not item.segment])
            self._note_stuck(error)
            return [(future, None, error) for future, _ in run]

    def _in_log(self, run: list[Waiting]) -> list[Done]:
        live = [each for each in run if not each[0].cancelled()]
        settles = [(future, work) for future, work in live if isinstance(work, Settle)]
        done, writes, heads, others = self._settle_all(settles)
        files = {settled.file for _, settled, _ in done if settled is not None and settled.file is not None}
        self._kept |= files
        appends = [(future, work) for future, work in live if isinstance(work, Append)]
        added, new = self._add_all(appends)
        if (refusal := self._write(writes, new, durable=bool(files))) is not None:
            added = [(future, None, error or refusal) for future, _, error in added]
        if refusal is not None and self._stuck:
            done = _without_files(done)
        else:
            self._kept -= files
        done += added
        self._beside(lambda: self._offer(heads, new))
        done += self._in_database(others)
        done += [self._sum(future, work) for future, work in live if isinstance(work, Sum)]
        done += [self._recount(future, work) for future, work in live if isinstance(work, Recount)]
        self._report_held()
        return done

    def _sum(self, future: asyncio.Future[Any], work: Sum) -> Done:
        try:
            return future, [*work(self._ledger), *totals_of_window(self._window)], None
        except Exception as error:  # noqa: BLE001 - handed to the caller; the thread lives on
            return future, None, error

    def _recount(self, future: asyncio.Future[Any], work: Recount) -> Done:
        try:
            self._in_rows = work(self._ledger)
        except Exception as error:  # noqa: BLE001 - handed to the caller; the thread lives on
            return future, None, error
        return future, self._in_rows, None

    def _settle_all(
        self, settles: Sequence[tuple[Any, Settle]]
    ) -> tuple[list[Done], list[Write], list[Head], list[Waiting]]:
        """Return what is settled here, its records, who is first now, and what is for the database."""
        done: list[Done] = []
        writes: list[Write] = []
        heads: list[Head] = []
        others: list[Waiting] = []
        for future, work in settles:
            item = self._window.get(work.key[0])
            if item is None:
                others.append((future, work))
            elif work.key[1] not in item.open:
                done.append((future, ALREADY, None))
            elif isinstance(work.settlement, Delivered):
                record = DeliveredRecord(*work.key, work.wall, work.now)
                heads += self._window.settle(item, record)
                writes.append(_writing_done(record))
                done.append((future, Settled(True, None if item.open else item.record.file), None))
            else:  # its attempts, its pause and whom it holds up are the database's
                try:
                    self._move_all()
                    others.append((future, work))
                except Exception as error:  # noqa: BLE001 - handed to the caller
                    done.append((future, None, error))
        return done, writes, heads, others

    def _add_all(self, appends: Sequence[tuple[Any, Append]]) -> tuple[list[Done], list[Item]]:
        """Take messages into the window; nothing is durable yet."""
        if not appends:
            return [], []
        works = [work for _, work in appends]
        try:
            self._make_room()
            if not self._noted:
                note_log(self._connection, exists=True)
                self._noted = True
            if unknown := self._adding.unknown(works):
                give = partial(self._adding.give_numbers, unknown)
                self._adding.know(self._in_transaction("BEGIN IMMEDIATE", give))
            added, new = self._in_transaction("BEGIN", lambda: self._adding.add_all(works))
        except Exception as error:  # noqa: BLE001 - handed to the callers; the thread lives on
            self._window.undo([item.record.seq for item in self._window if not item.segment])
            return [(future, None, error) for future, _ in appends], []
        return [(future, result, None) for (future, _), result in zip(appends, added, strict=True)], new

    def _write(self, writes: list[Write], new: list[Item], *, durable: bool) -> SpoolError | None:
        """Write all of it; return what those are told who added something, if that has failed."""
        records = [*writes, *(_writing(item.record) for item in new)]
        try:
            segments = self._log.append(records, durable=durable or bool(new)) if records else []
        except OSError as error:
            self._window.undo([item.record.seq for item in new])
            self._tell_failure()
            self._try_to_move_all()
            return SpoolError(DISK_IS_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else CANNOT_WRITE)
        for item, segment in zip(new, segments[len(writes) :], strict=True):
            item.segment = segment
        self._is_failing &= not records
        return None


def _without_files(done: list[Done]) -> list[Done]:
    """Keep the files of what was delivered: neither the log nor the database has the record of that."""
    return [(future, None if each is None else replace(each, file=None), error) for future, each, error in done]


def _writing(record: CommittedRecord) -> Write:
    return lambda seed, synced: write_committed(record, seed, synced)


def _writing_done(record: DeliveredRecord) -> Write:
    return lambda seed, synced: write_delivered(record, seed, synced)
