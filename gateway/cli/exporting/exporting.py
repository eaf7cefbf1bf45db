"""One export: all items that a store holds, one after the other, into the objects of a bucket.

An instance is an object of its own: several are fetched and written at a time, and one that is there already is not
fetched again. Lines share an object, which is written when it is full; those of an export that was ended are written
anew, because what a store holds, and its order, may have changed meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from gateway.cli.exporting.layout import Layout
from gateway.cli.exporting.uploading import Uploading
from gateway.cli.importing.ledger import Entry
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.report import Report
from gateway.cli.importing.verdicts import Verdict
from gateway.contract.objects import BucketAway, ObjectError
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.store_listing import Item, Listing, ListingError

IN_MEMORY = 1024 * 1024
"""Octets of an item, or of an object that is being filled, above which it is on the disk."""
SHARD_OCTETS, SHARD_ITEMS = 64 * 1024 * 1024, 10_000
"""How large an object with lines becomes."""
MOST_TRIES = 5


@dataclass(slots=True)
class Shard:
    """An object with several items that is being filled."""

    group: str
    key: str
    file: IO[bytes]
    items: int = 0
    together: list[bytes] = field(default_factory=list)
    """Items of the line, or of the bundle, that is not full."""


class Exporting:
    """One run over a store."""

    def __init__(
        self, layout: Layout, uploading: Uploading, report: Report, patience: Patience, at_once: int, scratch: Path
    ) -> None:
        self._layout, self._uploading, self._report = layout, uploading, report
        self._patience, self._at_once, self._scratch = patience, at_once, scratch
        self._shards: Counter[str] = Counter()
        """Objects of each group so far."""

    async def run(self, listing: Listing) -> None:
        """Export what *listing* tells; why it has stopped before its end is in the patience."""
        try:
            await (self._objects(listing.items()) if self._has_own_objects else self._together(listing.items()))
        except ListingError as error:
            self._patience.stop(str(error))
        except ObjectError as error:
            self._patience.stop(f"BUCKET: {error}")

    @property
    def _has_own_objects(self) -> bool:
        return not self._layout.is_in_lines and self._layout.most_together == 1

    async def _objects(self, items: AsyncIterator[Item]) -> None:
        running = set[asyncio.Task[None]]()
        try:
            async for item in items:
                if self._patience.stopped:
                    break
                running.add(asyncio.create_task(self._object(item)))
                if len(running) >= self._at_once:
                    running = await _some(running)
            while running:
                running = await _some(running)
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)

    async def _object(self, item: Item) -> None:
        key = self._layout.key(item.name)
        while True:
            try:
                verdict, size = await self._object_at(item, key)
            except BucketAway as error:
                if await self._patience.pause(f"BUCKET: {error}"):
                    continue
                verdict, size = Verdict("failed", str(error)), 0
            self._note(key, verdict, size, 1)
            return

    async def _object_at(self, item: Item, key: str) -> tuple[Verdict, int]:
        if (verdict := await self._uploading.skips(key)) is not None:
            return verdict, 0
        with _temporary(self._scratch) as file:
            if (failed := await self._fetched(item, file)) is not None:
                return failed, 0
            size = file.tell()
            if self._layout.form == "dicom":
                return await self._uploading.write(key, file, size), size
            text = self._layout.written([_content(file)])
        return await self._write(key, lambda other: other.write(text)), len(text)

    async def _write(self, key: str, fill: Callable[[IO[bytes]], int]) -> Verdict:
        with _temporary(self._scratch) as file:
            size = fill(file)
            return await self._uploading.write(key, file, size)

    async def _fetched(self, item: Item, file: IO[bytes]) -> Verdict | None:
        """Write an item to *file*; return why that failed."""
        doubtful = 0
        while True:
            file.seek(0)
            file.truncate()
            failure = await item.fetch(file)
            if failure is None:
                self._patience.succeeded()
                return None
            doubtful += failure.outlook is Outlook.DOUBTFUL
            if self._is_final(failure, doubtful) or not await self._patience.pause(
                failure.reason, failure.retry_after or 0.0
            ):
                return Verdict("failed", failure.reason)

    def _is_final(self, failure: Unavailable, doubtful: int) -> bool:
        return failure.outlook is Outlook.FINAL or doubtful >= MOST_TRIES

    async def _together(self, items: AsyncIterator[Item]) -> None:
        """Write the items, each group in objects of its own."""
        shards: dict[str, Shard] = {}
        try:
            async for item in items:
                group = self._layout.group(item.name)
                with _temporary(self._scratch) as file:
                    if (failed := await self._fetched(item, file)) is not None:
                        self._note(item.name, failed, 0, 1)
                        continue
                    octets = self._layout.item(_content(file), item.labels)
                shard = shards.get(group) or self._open(group)
                shards[group] = shard
                self._add(shard, octets)
                if self._is_full(shard):
                    await self._close(shards.pop(group))
                if self._patience.stopped:
                    return
            for group in list(shards):
                await self._close(shards.pop(group))
            await self._remove_what_is_left()
        finally:
            for shard in shards.values():
                shard.file.close()

    def _open(self, group: str) -> Shard:
        self._shards[group] += 1
        key = self._layout.shard(group, self._shards[group])
        return Shard(group, key, cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY, dir=str(self._scratch))))

    def _add(self, shard: Shard, octets: bytes) -> None:
        shard.together.append(octets)
        shard.items += 1
        if self._layout.is_in_lines and len(shard.together) == self._layout.most_together:
            self._flush(shard)

    def _flush(self, shard: Shard) -> None:
        if shard.together:
            shard.file.write(self._layout.written(shard.together))
            shard.together.clear()

    def _is_full(self, shard: Shard) -> bool:
        if not self._layout.is_in_lines:
            return shard.items >= self._layout.most_together
        return shard.items >= SHARD_ITEMS or shard.file.tell() >= SHARD_OCTETS

    async def _close(self, shard: Shard) -> None:
        with shard.file:
            self._flush(shard)
            size = shard.file.tell()
            verdict = await self._uploading.write(shard.key, shard.file, size)
        self._note(shard.key, verdict, size, shard.items)

    async def _remove_what_is_left(self) -> None:
        """Remove the objects of an export that was ended, behind the last ones of this run: they are told twice."""
        for group, last in self._shards.items():
            for number in count(last + 1):
                if not self._uploading.is_own(key := self._layout.shard(group, number)):
                    break
                await self._uploading.remove(key)

    def _note(self, key: str, verdict: Verdict, size: int, items: int) -> None:
        if verdict.state == "stored":
            self._report.stored += items - 1  # and one more below
        self._report.add(self._uploading.uri(key), "", verdict.state, verdict.reason)
        self._report.object(Entry("", size, "", verdict.state, verdict.reason, items))


@contextmanager
def _temporary(scratch: Path) -> Iterator[IO[bytes]]:
    with SpooledTemporaryFile(IN_MEMORY, dir=str(scratch)) as file:
        yield cast("IO[bytes]", file)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


async def _some(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Return those that still run when one has ended; raises what one has raised."""
    done, left = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return left
