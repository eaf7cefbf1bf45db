"""Sends records through a destination: several at a time, in an order that is allowed, until all are done with.

A refused record is told and noted, and the next one of its patient goes on. While the destination takes nothing, every
record is tried again; if that lasts too long, the sending stops, and goes on from there when the command is run again.
A record alone that cannot be stored for now holds those behind it of the same patient.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from gateway.cli.prepared.files import Record, read_records
from gateway.cli.prepared.order import Order, Settle
from gateway.cli.prepared.progress import Progress
from gateway.contract.destination import Deliver
from gateway.contract.kind import ListenerKind
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.sending import NO_ANSWER, Answered

TOGETHER, MUCH = 50, 4 * 1024 * 1024
"""Records that are read in one go, in a thread, and octets after which no further one is."""
MOST_WAITING = 2000
"""Records that are read ahead, so that several patients are sent at a time though a file is sorted by patient."""
MOST_OCTETS = 64 * 1024 * 1024
"""Octets of them, at most, but for the last."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
MOST_DOUBTFUL = 5
"""Doubtful replies to one record, as in commit mode by default."""
MOST_TRIES = 20
"""Tries of one record while the destination takes others."""
SYNC_SECONDS = 1.0
HELD = "not sent: an earlier record of the patient is not stored; run the command again"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that can be sent."""

    record: Record
    message: Message
    patient: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is sent at a time, and how long is waited."""

    concurrency: int
    patience: float
    """Seconds without a success after which the sending stops."""


class Sending:
    """One run over the files."""

    def __init__(
        self, files: Sequence[Path], kind: ListenerKind, deliver: Deliver, progress: Progress, limits: Limits
    ) -> None:
        self.stopped = ""
        """Why the sending has stopped before its end."""
        assert kind.read_file is not None  # noqa: S101  the listener of HTTP reads files
        self._read_file, self._patient_of = kind.read_file, kind.patient_of
        self._files, self._deliver, self._progress, self._limits = files, deliver, progress, limits
        self._new_id = (f"send-{number}" for number in count(1))
        self._order: Order[Prepared] = Order()
        self._octets = 0
        self._beyond = 0
        """Records behind the last one that was done with before."""
        self._success = self._synced = time.monotonic()

    async def run(self) -> AsyncIterator[Answered]:
        """Yield what becomes of each record that was not done with."""
        records, at_end = read_records(self._files), False
        running: dict[asyncio.Task[Outcome], tuple[Prepared, Settle[Prepared]]] = {}
        try:
            while True:
                while not (at_end or self.stopped) and self._has_room():
                    pieces = await asyncio.to_thread(_some, records)
                    at_end = not pieces
                    for answered in await asyncio.to_thread(self._read, pieces):
                        yield answered
                while len(running) < self._limits.concurrency and not self.stopped and (taken := self._order.take()):
                    running[asyncio.create_task(self._send(taken[0].message))] = taken
                if not running:
                    return
                for task in (await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED))[0]:
                    prepared, settle = running.pop(task)
                    for answered in self._settled(prepared, settle, task.result()):
                        yield answered
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)  # before the destination is closed

    def _has_room(self) -> bool:
        return len(self._order) < MOST_WAITING and self._octets < MOST_OCTETS

    def _read(self, records: Sequence[Record]) -> list[Answered]:
        """Queue *records*; return those that are done with."""
        return [answered for each in records for answered in self._take(each)]

    def _take(self, record: Record) -> Iterator[Answered]:
        place = record.file, record.line
        is_behind = place > self._progress.last
        self._beyond += is_behind
        if place in self._progress:
            yield self._answered(record, "skip", positive=True, is_skipped=True)
        elif record.problem:  # the file may be readable the next time
            yield self._answered(record, NO_ANSWER, record.problem)
        elif not record.data.strip():
            self._progress.add(place, "n")
        else:
            try:
                (message,) = self._read_file(record.data.strip(), "send")
            except ValueError as error:
                self._progress.add(place, "r")
                yield self._answered(record, "refused", str(error))
                return
            in_doubt = self._progress.is_resumed and self._beyond <= MOST_WAITING
            message = replace(message, message_id=next(self._new_id), maybe_stored=in_doubt)
            prepared = Prepared(record, message, self._patient_of(message))
            if self._order.put(prepared, prepared.patient, message.facts["resource_type"]):
                self._octets += len(record.data)
            else:
                yield self._answered(record, NO_ANSWER, HELD)

    async def _send(self, message: Message) -> Outcome:
        doubtful = own = 0
        pause = FIRST_PAUSE
        while True:
            success = self._success
            outcome = await self._deliver(message)
            if not isinstance(outcome, Unavailable):
                self._success = time.monotonic()
                return outcome
            doubtful += outcome.outlook is Outlook.DOUBTFUL
            own += self._success != success
            gives_up = doubtful >= MOST_DOUBTFUL or own >= MOST_TRIES or outcome.outlook is Outlook.FINAL
            if gives_up or self.stopped or time.monotonic() - self._success > self._limits.patience:
                return outcome
            message = replace(message, maybe_stored=message.maybe_stored or outcome.maybe_stored)
            await asyncio.sleep(max(pause, min(outcome.retry_after or 0.0, self._limits.patience)))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _settled(self, prepared: Prepared, settle: Settle[Prepared], outcome: Outcome) -> Iterator[Answered]:
        """Note what became of a record, before the next one of its patient begins."""
        record = prepared.record
        self._octets -= len(record.data)
        if isinstance(outcome, Unavailable):
            is_away = time.monotonic() - self._success > self._limits.patience
            if prepared.patient is None or is_away:  # everything may depend on it
                self.stopped = self.stopped or outcome.reason
            yield self._answered(record, NO_ANSWER, outcome.reason)
            for held in settle(stored=False):
                self._octets -= len(held.record.data)
                yield self._answered(held.record, NO_ANSWER, HELD)
            return
        self._progress.add((record.file, record.line), "s" if isinstance(outcome, Stored) else "r")
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self._synced = time.monotonic()
            self._progress.sync()
        settle()
        refused = isinstance(outcome, Refused)
        yield self._answered(record, "refused" if refused else "stored", _reason(outcome), positive=not refused)

    def _answered(
        self, record: Record, answer: str, detail: str = "", *, positive: bool = False, is_skipped: bool = False
    ) -> Answered:
        source = f"{self._files[record.file]}:{record.line}"
        return Answered(source, "", answer, positive, detail, is_skipped)


def _some(records: Iterator[Record]) -> list[Record]:
    """Return the next records: some, or one that is large; none at the end."""
    found, octets = list[Record](), 0
    while len(found) < TOGETHER and octets < MUCH and (record := next(records, None)) is not None:
        found.append(record)
        octets += len(record.data)
    return found


def _reason(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Refused) else ""
