"""One import: objects, one after the other, several at a time, through a destination, until all are done with.

While the bucket or the destination takes nothing, everything is tried again, with pauses that grow; if nothing succeeds
for a while, the import stops, and goes on from there when the command is run again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count

from gateway.cli.importing.ledger import DONE, Entry, Ledger
from gateway.cli.importing.parts import Part, Reader
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import Place
from gateway.cli.importing.report import Report
from gateway.cli.importing.room import Room
from gateway.cli.importing.sources import HEAD, NotReadError, ObjectSource, RangedSource, Source, closing
from gateway.cli.importing.verdicts import Tally, Verdict, verdict_of
from gateway.contract.destination import Destination
from gateway.contract.kind import Format
from gateway.contract.objects import BucketAway, Found, ObjectError
from gateway.contract.outcome import Outcome, Refused, Unavailable
from gateway.contract.outlook import Outlook

SMALL = 1024 * 1024
"""An object of up to so many octets is read at once and kept while it is sent."""
MOST_DOUBTFUL, MOST_OWN = 5, 20
"""Tries of one message: with replies that leave in doubt what became of it; while others succeed."""
NOT_TAKEN = "the destination takes no {}"
NAMES: dict[Format, str] = {"dicom": "DICOM", "hl7v2": "HL7v2", "fhir": "FHIR"}


@dataclass(frozen=True, slots=True)
class Options:
    """How an import is done."""

    at_once: int = 16
    """Objects that are read, and messages that are sent, at a time."""
    kept: int = 64 * 1024 * 1024
    """Octets of small objects that are kept in memory while they are sent."""
    skips_conflicts: bool = True
    """Whether an instance that the store has with another content is skipped, and not an error."""
    again: bool = False
    """Whether what was refused before is sent again."""
    reads_ranges: bool = False
    """Whether the destination needs only parts of an instance: then the rest is not fetched."""


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where."""

    place: Place
    destination: Destination
    takes: frozenset[Format] | None
    """The formats that the destination takes; None if a step of its own may change the format."""


class Importing:
    """One run over the objects of a place."""

    def __init__(
        self, way: Way, ledger: Ledger, reader: Reader, report: Report, options: Options, patience: Patience
    ) -> None:
        self._place, self._destination, self._takes = way.place, way.destination, way.takes
        self._ledger, self._reader, self._report = ledger, reader, report
        self._options, self._patience = options, patience
        self._sending, self._room = asyncio.Semaphore(options.at_once), Room(options.kept)
        self._ids = count(1)

    async def run(self, pattern: str) -> None:
        """Import what *pattern* means and is not done with; raises ConfigError if the ledger cannot be written."""
        try:
            async with asyncio.TaskGroup() as group:
                queue: asyncio.Queue[Found | None] = asyncio.Queue(self._options.at_once)
                workers = [group.create_task(self._work(queue)) for _ in range(self._options.at_once)]
                async for found in self._listed(pattern):
                    await queue.put(found)
                    if self._patience.stopped:
                        break
                for _ in workers:
                    await queue.put(None)
        except* ObjectError as errors:
            self._patience.stop(f"SOURCE: {errors.exceptions[0]}")

    async def _listed(self, pattern: str) -> AsyncIterator[Found]:
        """Yield the objects; after a failure of the bucket the listing begins again, without those that were told."""
        told = 0
        while True:
            number = 0
            try:
                async for found in self._place.bucket.list(pattern):
                    number += 1
                    if number > told:
                        told = number
                        yield found
                return
            except BucketAway as error:
                if not await self._patience.pause(f"SOURCE: {error}"):
                    return

    async def _work(self, queue: "asyncio.Queue[Found | None]") -> None:
        while (found := await queue.get()) is not None:
            if not self._patience.stopped:
                await self._object(found)

    async def _object(self, found: Found) -> None:
        """Import one object."""
        uri = self._place.uri(found.key)
        known = self._ledger.find(uri)
        if known is not None and known.version == found.version and self._is_done(known):
            self._report.before(uri, known, self._ledger.refused_parts(uri))
            return
        in_doubt = known is not None and known.version == found.version and known.state == "sending"
        self._ledger.begin(uri, found.version, found.size)
        while True:
            try:
                entry = await self._sent(found, uri, known, in_doubt=in_doubt)
                break
            except BucketAway as error:
                in_doubt = True
                if not await self._patience.pause(f"SOURCE: {error}"):
                    return  # it stays as being sent: the next run begins with it
            except ObjectError as error:
                entry = Entry(found.version, found.size, "", "failed", str(error))
                self._report.add(uri, "", "failed", str(error))
                break
        if not (self._patience.stopped and entry.state == "failed"):
            self._ledger.put(uri, entry)
        self._report.object(entry)

    def _is_done(self, known: Entry) -> bool:
        return known.state in DONE and not (self._options.again and known.state == "refused")

    async def _sent(self, found: Found, uri: str, known: Entry | None, *, in_doubt: bool) -> Entry:
        """Send what is not sent of an object; raises ObjectError where the bucket fails."""
        is_kept = found.size <= (HEAD if self._options.reads_ranges else SMALL)
        async with self._room.taken(found.size if is_kept else 0):
            return await self._read_and_sent(found, uri, known, in_doubt=in_doubt, is_kept=is_kept)

    async def _read_and_sent(
        self, found: Found, uri: str, known: Entry | None, *, in_doubt: bool, is_kept: bool
    ) -> Entry:
        kept = await self._place.bucket.read(found.key) if is_kept else None
        source: ObjectSource | RangedSource
        if self._options.reads_ranges and kept is None:
            source = RangedSource(self._place.bucket, found.key, found.size)
        else:
            source = ObjectSource(self._place.bucket, found.key, found.size if kept is None else len(kept), kept)
        if known is not None and known.state == "stored" and kept is not None and known.digest == source.digest:
            return replace(known, version=found.version)  # written again, with the same octets
        with ExitStack() as stack:
            tally = await self._all_sent(source, found.key, uri, stack, in_doubt=in_doubt)
        return tally.entry(found, source.digest)

    async def _all_sent(self, source: Source, key: str, uri: str, kept: ExitStack, *, in_doubt: bool) -> Tally:
        tally, running = Tally(), set[asyncio.Task[Verdict]]()
        try:
            async with closing(self._reader.parts(source, key, kept)) as parts:
                async for part in parts:
                    if (before := self._ledger.part(uri, part.name)) is not None and not self._sends_again(before[0]):
                        tally.add(Verdict(*before))
                        continue
                    await self._sending.acquire()
                    running.add(asyncio.create_task(self._part(part, uri, in_doubt=in_doubt)))
                    _take_ended(running, tally)
            while running:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                _take_ended(running, tally)
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)
        return tally

    def _sends_again(self, state: str) -> bool:
        return state not in DONE or (self._options.again and state == "refused")

    async def _part(self, part: Part, uri: str, *, in_doubt: bool) -> Verdict:
        try:
            verdict = await self._verdict(part, in_doubt=in_doubt)
        finally:
            self._sending.release()
        if part.name and not (verdict.state == "failed" and self._patience.stopped):
            self._ledger.put_part(uri, part.name, verdict.state, verdict.reason)
        self._report.add(uri, part.name, verdict.state, verdict.reason)
        return verdict

    async def _verdict(self, part: Part, *, in_doubt: bool) -> Verdict:
        if part.message is None:
            return Verdict("skipped" if part.is_skipped else "refused", part.reason)
        if self._takes is not None and part.format is not None and part.format not in self._takes:
            return Verdict("refused", NOT_TAKEN.format(NAMES.get(part.format, part.format)))
        outcome = await self._delivered(part, in_doubt=in_doubt)
        return verdict_of(outcome, skips_conflicts=self._options.skips_conflicts)

    async def _delivered(self, part: Part, *, in_doubt: bool) -> Outcome:
        assert part.message is not None  # noqa: S101  the caller has looked
        message = replace(part.message, message_id=f"import-{next(self._ids)}", maybe_stored=in_doubt)
        if self._takes is None:  # steps may take the patient out of the message, and do not see its labels
            message = replace(message, labels=())
        doubtful = own = 0
        while True:
            successes = self._patience.successes
            outcome = await self._destination.deliver(message)
            failure = None if part.body is None else part.body.failure
            if isinstance(failure, NotReadError):
                return Refused(str(failure))
            if isinstance(failure, ObjectError) and not isinstance(failure, BucketAway):  # removed meanwhile
                return Unavailable(str(failure), outlook=Outlook.FINAL)
            if not isinstance(outcome, Unavailable):
                self._patience.succeeded()
                return outcome
            doubtful += outcome.outlook is Outlook.DOUBTFUL
            own += self._patience.successes > successes
            if outcome.outlook is Outlook.FINAL or doubtful >= MOST_DOUBTFUL or own >= MOST_OWN:
                return outcome
            why = outcome.reason if failure is None else f"SOURCE: {failure}"
            message = replace(message, maybe_stored=message.maybe_stored or outcome.maybe_stored)
            if not await self._patience.pause(why, outcome.retry_after or 0.0):
                return outcome


def _take_ended(running: set[asyncio.Task[Verdict]], tally: Tally) -> None:
    """Take those that have ended out of *running*, and count what they have found; raises what one has raised."""
    done = {task for task in running if task.done()}
    running -= done
    for task in done:
        tally.add(task.result())
