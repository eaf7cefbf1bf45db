"""One spool's folder, opened: a thread that writes, one that reads for the dispatcher, one that reads for operators.

::

    spool.db    messages, deliveries and small payloads
    bodies/     large payloads, each in a file of its own
    lock        held by the owner
"""

import asyncio
import fcntl
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.contract.errors import ConfigError
from gateway.spool.clock import Clock, SteadyClock, elapsed_of, resume
from gateway.spool.damage import DAMAGED, ERRORS, UNEXPECTED, Damage, check, name_of, passes
from gateway.spool.database.ledger import Ledger, existing_files
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.queries import Queries
from gateway.spool.database.schema import (
    Start,
    connect,
    has_our_tables,
    has_our_triggers,
    prepare,
    version_of,
    write_over_the_unseen,
)
from gateway.spool.database.upgrade import upgrade
from gateway.spool.database.writer import CLOSED, GroupWriter
from gateway.spool.interface import SpoolDamaged, SpoolError
from gateway.spool.payloads.files import make_folder, remove, sync_folder
from gateway.spool.payloads.seal import Plain, Seal
from gateway.spool.room import Room
from gateway.spool.settings import SpoolSettings
from gateway.spool.signals import Signals
from gateway.spool.threads import in_thread

T = TypeVar("T")
FILE_THREADS = 8
WRITER_CACHE_KIB = 32 * 1024
READER_CACHE_KIB = 8 * 1024
DATABASE = "spool.db"


class Reader:
    """A connection that only reads, and the thread it is used in."""

    def __init__(self, connection: sqlite3.Connection, name: str, damage: Damage) -> None:
        self._queries = Queries(connection)
        self._damage = damage
        self._closed = False
        self._thread = ThreadPoolExecutor(1, name)

    async def __call__(self, work: Callable[[Queries], T]) -> T:
        """Return what *work* finds; raises SpoolError if the database cannot be read, SpoolDamaged if it never can."""
        if self._closed:
            raise SpoolError(CLOSED)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._queries)
        except (*ERRORS, *UNEXPECTED, SpoolDamaged) as error:
            self._damage.note(error)
            if self._damage.found:
                raise SpoolDamaged(DAMAGED) from None
            raise SpoolError(f"the spool cannot be read ({name_of(error)})") from None

    async def close(self) -> None:
        """Finish what runs, then close the connection."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._queries.close)
        self._thread.shutdown()


@dataclass(frozen=True, slots=True)
class Store:
    """What the parts of one spool share."""

    name: str
    folder: Path
    settings: SpoolSettings
    seal: Seal
    """How payloads are written now."""
    wall: Clock
    clock: SteadyClock
    pseudonyms: Pseudonyms
    room: Room
    writer: GroupWriter
    read: Reader
    browse: Reader
    threads: Executor
    """For payload files."""
    signals: Signals
    damage: Damage

    @property
    def bodies(self) -> Path:
        """The folder of the payload files."""
        return self.folder / "bodies"

    async def write(self, work: Callable[[Ledger], T]) -> T:
        """Return what *work* did, once it is on stable storage; raises sqlite3.Error if it could not be done."""
        try:
            return await self.writer.submit(work)
        except ERRORS as error:
            self.damage.note(error)
            raise

    def seal_of(self, encrypted: bool) -> Seal:
        """Return how a payload was written."""
        return self.seal if encrypted else Plain()

    async def recount(self) -> None:
        """Take note of what other processes have added and removed."""
        self.room.held = await self.read(Queries.held)

    async def remove_file(self, name: str | None) -> None:
        """Remove a payload file that nothing needs any more; what a crash leaves goes when the spool is opened."""
        if name is not None:
            await asyncio.get_running_loop().run_in_executor(self.threads, remove, self.bodies / name)


@asynccontextmanager
async def open_store(
    folder: Path, settings: SpoolSettings, seal: Seal, clock: Clock, owner: bool
) -> AsyncIterator[Store]:
    """Open the spool in *folder*. Its *owner* makes it where it is missing and clears what a crash has left.

    Raises ConfigError if it cannot be used as it is, SpoolDamaged if it is not what was written.
    """
    try:
        connections, start = await in_thread(partial(_open_connections, folder, seal, owner), _close_connections)
    except (OSError, *ERRORS) as error:
        if not isinstance(error, OSError) and not passes(error):
            raise SpoolDamaged(f"{DAMAGED} ({name_of(error)})") from None
        reason = error.strerror if isinstance(error, OSError) else name_of(error)
        raise ConfigError(f"data_dir: {folder}: the spool cannot be opened: {reason}") from None
    write_connection, read_connection, browse_connection = connections
    steady = SteadyClock(resume(start.time, start.wall, clock()), elapsed_of(clock))
    room = Room(
        settings.max_bytes, settings.min_free_bytes, settings.inline_bytes, lambda: shutil.disk_usage(folder).free
    )
    room.held = start.held

    def count(held: int, reusable: int) -> None:
        room.held, room.reusable = held, reusable

    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(FILE_THREADS, "spool-files"))
        # Only the owner has counted all the time since: an operator's clock may have been set forward meanwhile.
        writer = GroupWriter(write_connection, (lambda: (steady.now(), clock())) if owner else None, count, seal)
        stack.push_async_callback(writer.close)
        if owner:
            stack.push_async_callback(_record_time, writer)
        damage = Damage()
        read = Reader(read_connection, "spool-reader", damage)
        browse = Reader(browse_connection, "spool-browser", damage)
        stack.push_async_callback(read.close)
        stack.push_async_callback(browse.close)
        pseudonyms = Pseudonyms(start.secret)
        yield Store(
            folder.name,
            folder,
            settings,
            seal,
            clock,
            steady,
            pseudonyms,
            room,
            writer,
            read,
            browse,
            threads,
            Signals(),
            damage,
        )


async def _record_time(writer: GroupWriter) -> None:
    """Keep the last readings: the clock may have been set since the last transaction."""
    with suppress(*ERRORS, SpoolError):
        await writer.submit(lambda _: None)


def _open_connections(folder: Path, seal: Seal, owner: bool) -> tuple[list[sqlite3.Connection], Start]:
    if owner:
        make_folder(folder / "bodies")
    path = folder / DATABASE
    connections = [connect(path, WRITER_CACHE_KIB)]
    try:
        start = _prepare(connections[0], folder, seal, owner)
        upgrade(connections[0], Pseudonyms(start.secret), owner, seal)
        if owner:
            check(connections[0], path)
            if not (has_our_tables(connections[0]) and has_our_triggers(connections[0])):
                raise SpoolDamaged(DAMAGED)
            write_over_the_unseen(connections[0])
            _remove_orphans(connections[0], folder / "bodies")
        connections.extend(connect(path, READER_CACHE_KIB) for _ in range(2))
        sync_folder(folder)
    except BaseException:
        for connection in connections:
            connection.close()
        raise
    return connections, start


def _close_connections(opened: tuple[list[sqlite3.Connection], Start]) -> None:
    for connection in opened[0]:
        connection.close()


def _remove_orphans(connection: sqlite3.Connection, bodies: Path) -> None:
    """Remove the files of messages that were never committed, or whose end was."""
    names = [path.name for path in bodies.iterdir()]
    for name in set(names) - existing_files(connection, names):
        remove(bodies / name)


def _prepare(connection: sqlite3.Connection, folder: Path, seal: Seal, owner: bool) -> Start:
    if version_of(connection) > 0:
        return prepare(connection, seal, owner=owner)
    descriptor = os.open(folder.parent / "making", os.O_RDWR | os.O_CREAT, 0o600)
    try:  # one process at a time, so that of two first spools the second takes the secret of the first
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        siblings = sorted(path for path in folder.parent.glob(f"*/{DATABASE}") if path.parent != folder)
        return prepare(connection, seal, siblings, owner=owner)
    finally:
        os.close(descriptor)
