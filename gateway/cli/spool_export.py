"""The command ``hilum spool export``: writes payloads to files that only their owner may read."""

import asyncio
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.cli.new_file import NewFile
from gateway.cli.spool_audit import open_trail
from gateway.cli.spool_commands import NotAll, copy, print_lines, with_spool, words_of
from gateway.cli.spool_operator import operator_name
from gateway.contract.body import Body
from gateway.contract.errors import ConfigError
from gateway.spool import Operations, PayloadDamaged, Record, Selection, State
from gateway.spool.operating.lookup import find_payload
from gateway.spool.operating.requests import DECISION, find_exported
from gateway.spool.operating.telling import telling
from gateway.spool.payloads.files import sync_folder

STEP = 500
"""Number of entries whose records and payloads are read together."""
AT_ONCE = 16
"""Number of files that are written concurrently."""
MOST_IN_MEMORY = 64 * 1024
"""Octets; a larger payload is written to its file in pieces."""
SUFFIXES = {"sop_instance_uid": ".dcm", "control_id": ".hl7"}
"""The suffix of a file's name, by the kind of identifier that its message has."""


@dataclass(slots=True)
class Exported:
    """The result of an export."""

    files: int = 0
    octets: int = 0
    gone: int = 0
    """Entries delivered or discarded in the meantime."""
    damaged: int = 0
    there: int = 0
    """Entries that were skipped because a file of their name exists; the file is unchanged."""


Small = tuple[Record, Path, bytearray]
"""A record, the path of its file, and its payload in memory."""


@with_spool
async def export(operations: Operations, options: Namespace) -> None:
    """Write one payload to a new file, or those of a selection into a folder."""
    async with open_trail(options) as tell:
        if options.into is None:
            entry_id, path = _id_and_file(options)
            body = await find_payload(operations, entry_id)
            async with telling(tell, operator_name(), "exported", Selection(entry_ids=frozenset([entry_id]))) as told:
                await _export_one(body, path)
                told.count = 1
            print_lines([f"exported: {path}"])
            return
        now = time.time()
        selection = await find_exported(operations, words_of(options, *DECISION), now, options.names)
        _make_folder(options.into)
        async with telling(tell, operator_name(), "exported", selection) as told:
            with ThreadPoolExecutor(AT_ONCE) as threads:
                writer = Writer(operations, options.into, threads)
                try:
                    async for records in _pages(operations, selection, now):
                        await writer.write_all(records)
                finally:
                    told.count = writer.exported.files
        exported = writer.exported
        print_lines(_lines(exported, options.into))
        if exported.damaged or exported.there:
            raise NotAll("not all were exported")
        if not exported.files:
            raise NotAll("no selected entry has a payload, so nothing was exported")


def _id_and_file(options: Namespace) -> tuple[str, Path]:
    if len(options.ids) != 2 or len(words_of(options, *DECISION)) > 1:
        raise ConfigError("export: takes ID and FILE, or --into DIR with IDs, filters or --all; give one of them")
    return options.ids[0], Path(options.ids[1])


def _lines(exported: Exported, folder: Path) -> Iterator[str]:
    yield f"exported: {exported.files} files, {exported.octets} octets, into {folder}"
    if exported.gone:
        yield f"left out: {exported.gone}, because their messages are delivered or discarded"
    if exported.damaged:
        yield f"left out: {exported.damaged}, because their payloads are damaged; see `hilum spool verify`"
    if exported.there:
        yield f"left out: {exported.there}, because a file of that name exists"


async def _pages(operations: Operations, selection: Selection, now: float) -> AsyncIterator[list[Record]]:
    """Yield the selected records in pages, each once, without those received after *now*, so that the export ends.

    Entries that are parked or retried meanwhile change from one state to the other: waiting ones are read twice.
    """
    if selection.received_before is None and selection.entry_ids is None:
        selection = replace(selection, received_before=now)
    seen: set[str] = set()
    states = [State.WAITING, State.PARKED, State.WAITING] if selection.entry_ids is None else [None]
    for state in states if selection.state is None else [selection.state]:
        after = None
        while True:
            page = await operations.find(replace(selection, state=state), after, STEP)
            yield [each for each in page.records if each.entry_id not in seen]
            seen.update(each.entry_id for each in page.records)
            if page.next is None:
                break
            after = page.next


class Writer:
    """Writes payloads to files of a folder, several at once, because each file has to be synced to disk."""

    def __init__(self, operations: Operations, folder: Path, threads: Executor) -> None:
        self._operations, self._folder, self._threads = operations, folder, threads
        self.exported = Exported()

    async def write_all(self, records: Sequence[Record]) -> None:
        """Write the payloads of *records* and sync them to stable storage: their entries may be discarded next."""
        small: list[Small] = []
        for record, body in zip(records, await self._bodies(records), strict=True):
            if body is None:
                self.exported.gone += 1
                continue
            try:
                if record.size <= MOST_IN_MEMORY:
                    small.append((record, self._path(record), await _read(body)))
                else:
                    self._count(record, await _write_in_pieces(self._path(record), body))
            except PayloadDamaged:
                await self._miss(record)
        await self._write(small)
        await asyncio.to_thread(sync_folder, self._folder)

    async def _bodies(self, records: Sequence[Record]) -> list[Body | None]:
        return await self._operations.open_bodies([each.entry_id for each in records])

    async def _write(self, small: list[Small]) -> None:
        """Write payloads that are in memory, with AT_ONCE threads."""
        loop = asyncio.get_running_loop()
        parts = [small[turn::AT_ONCE] for turn in range(AT_ONCE)]
        written = await asyncio.gather(*(loop.run_in_executor(self._threads, _write_part, each) for each in parts))
        for part, results in zip(parts, written, strict=True):
            for (record, _, _), is_new in zip(part, results, strict=True):
                self._count(record, is_new)

    def _count(self, record: Record, is_new: bool) -> None:
        self.exported.there += not is_new
        self.exported.files += is_new
        self.exported.octets += record.size if is_new else 0

    async def _miss(self, record: Record) -> None:
        if (
            await self._operations.open_body(record.entry_id) is None
        ):  # the entry was delivered while its payload was read
            self.exported.gone += 1
        else:
            self.exported.damaged += 1

    def _path(self, record: Record) -> Path:
        suffix = next((SUFFIXES[name] for name in record.identifiers if name in SUFFIXES), "")
        return self._folder / f"{record.entry_id}{suffix}"


async def _read(body: Body) -> bytearray:
    data = bytearray()
    await copy(body, data.extend)
    return data


def _write_part(small: list[Small]) -> list[bool]:
    """Write files one after another; return for each whether it is new."""
    return [_write_whole(path, data) for _, path, data in small]


def _write_whole(path: Path, data: bytearray) -> bool:
    try:
        with NewFile(path) as file:
            file.write(data)
    except FileExistsError:
        return False
    except OSError as error:
        raise _cannot_write(path, error) from None
    return True


async def _write_in_pieces(path: Path, body: Body) -> bool:
    try:
        with NewFile(path) as file:
            await copy(body, file.write)
    except FileExistsError:
        return False
    except OSError as error:
        raise _cannot_write(path, error) from None
    return True


async def _export_one(body: Body, path: Path) -> None:
    try:
        new = NewFile(path)
    except OSError as error:
        raise _cannot_make(path, error) from None
    try:
        with new as file:
            await copy(body, file.write)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise _cannot_make(path, error) from None
    except OSError as error:
        raise _cannot_write(path, error) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be made: {error.strerror}; name another folder") from None


def _cannot_make(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: cannot be made: {error.strerror}; name a new file")


def _cannot_write(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: cannot be written: {error.strerror}; make room or name another")
