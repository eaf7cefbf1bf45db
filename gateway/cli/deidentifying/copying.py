"""One run from store to store: fetches items, de-identifies them, delivers them, some at a time.

An item whose delivery fails for now is tried again. If nothing succeeds for a while, the run stops, and goes on from
there when the command is run again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from gateway.cli.deidentifying.bar import Bar
from gateway.cli.deidentifying.output import Output
from gateway.cli.deidentifying.reading import FileBody, NotReadError, messages_of
from gateway.cli.deidentifying.record import Record
from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.transforming import UNWRITABLE, reason_of
from gateway.cli.deidentifying.units import Unit
from gateway.contract.destination import Destination
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.store_listing import Item, Listing, ListingError

AT_ONCE = 4
"""Items that are fetched and sent at a time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
MOST_TRIES = 5
"""Tries of one item whose failure says nothing of the others."""
PATIENCE = 300.0
"""Seconds without a success after which everything stops."""
REFUSED = "the store refuses it: {}"
NOT_FETCHED = "it cannot be fetched: {}"
Note = Callable[[Unit, Result], None]


@dataclass(frozen=True, slots=True)
class Ends:
    """Where items come from, and where they go."""

    form: str
    """``dicom`` or ``fhir``."""
    listing: Listing
    destination: Destination
    """With the step in front."""


class Copying:
    """One run over a store."""

    def __init__(self, ends: Ends, out: Path, record: Record, name_of: Callable[[str], str], note: Note) -> None:
        self._ends, self._output, self._record = ends, Output(out), record
        self._name_of, self._note = name_of, note
        self._bar = Bar(0, 0)
        self._success = time.monotonic()
        self.stopped = ""
        """Why it has stopped before its end."""
        self.before = 0
        """Items that an earlier run has done."""
        self.items = 0
        """Items that the store has named."""

    async def run(self) -> None:
        """Copy everything that is not done yet."""
        running = set[asyncio.Task[None]]()
        try:
            async for item in self._ends.listing.items():
                self.items += 1
                unit = Unit(self.items, Path(), item.name, 0, 0)
                state = self._name_of(item.name)
                if (result := self._record.results.get(state)) is not None:
                    self.before += 1
                    self._note(unit, result)
                    continue
                running.add(asyncio.create_task(self._copy(item, unit, state)))
                if len(running) >= AT_ONCE:
                    running = await _some(running)
                if self.stopped:
                    break
            while running:
                running = await _some(running)
        except ListingError as error:
            self.stopped = str(error)
        except OSError as error:
            self.stopped = UNWRITABLE.format(error.strerror or type(error).__name__)
        finally:
            self._bar.erase()
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)

    async def _copy(self, item: Item, unit: Unit, state: str) -> None:
        result = await self._result(item, state)
        if self.stopped and result.problem:
            return
        if not result.problem:
            self._record.add(state, result)
        self._note(unit, result)
        self._bar.add(0, sum(result.held.values()))
        self._bar.draw()

    async def _result(self, item: Item, state: str) -> Result:
        result = Result(format=self._ends.form)
        with self._output.writing(state) as file:
            failure = await self._tried(lambda: _fetched(item, file))
            if isinstance(failure, Unavailable):
                return Result("failed", self._ends.form, problem=NOT_FETCHED.format(failure.reason))
            file.flush()
            try:
                message = self._message(file, self._output.path_of(state))
            except NotReadError as error:
                result.outcome = "held"
                result.hold(str(error), 1)
                return result
            outcome = await self._tried(lambda: self._ends.destination.deliver(message))
        if isinstance(outcome, Unavailable):
            return Result("failed", self._ends.form, problem=outcome.reason)
        if isinstance(outcome, Refused):
            result.outcome = "held"
            result.hold(reason_of(outcome) if outcome.by_step else REFUSED.format(outcome.reason), 1)
        else:
            result.done = 1
        return result

    def _message(self, file: IO[bytes], path: Path) -> Message:
        size = file.tell()
        if self._ends.form == "dicom":
            return Message("1", FileBody(path, size), {"protocol": "dimse"}, {"sop_instance_uid": ""}, queued=True)
        file.seek(0)
        (message,) = messages_of(file.read(), "fhir")
        return replace(message, queued=True)

    async def _tried(self, act: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Return the outcome of *act*, tried again while a store fails, or the last failure."""
        pause, tried = FIRST_PAUSE, 0
        while True:
            tried += 1
            outcome = await act()
            if not isinstance(outcome, Unavailable):
                self._success = time.monotonic()
                return outcome
            is_away = time.monotonic() - self._success > PATIENCE
            if is_away or outcome.by_step:
                self.stopped = self.stopped or outcome.reason
            if self.stopped or outcome.outlook is Outlook.FINAL:
                return outcome
            if tried >= MOST_TRIES and outcome.outlook is Outlook.DOUBTFUL:
                return outcome
            await asyncio.sleep(max(pause, min(outcome.retry_after or 0.0, PATIENCE)))
            pause = min(pause * 2, LONGEST_PAUSE)


async def _fetched(item: Item, file: IO[bytes]) -> Outcome:
    file.seek(0)
    file.truncate()
    return await item.fetch(file) or Stored()


async def _some(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Return those that still run when one has ended; raises what one has raised."""
    done, left = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return left
