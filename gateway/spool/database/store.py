"""One spool's folder, opened: a thread that writes, one that reads for the dispatcher, one that reads for operators.

::

    spool.db    messages, deliveries and small payloads
    bodies/     large payloads, each in a file of its own
    lock        held by the owner
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from gateway.contract.errors import ConfigError
from gateway.spool.clock import Clock, SteadyClock, elapsed_of, resume
from gateway.spool.damage import DAMAGED, ERRORS, UNEXPECTED, Damage, name_of, passes
from gateway.spool.database.connections import BODIES, Connections, open_connections
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.reader import Reader
from gateway.spool.database.writer import GroupWriter
from gateway.spool.interface import SpoolDamaged, SpoolError, Total
from gateway.spool.log.appending import Appender
from gateway.spool.log.emptying import Hooks
from gateway.spool.log.files import next_number
from gateway.spool.log.ready import Ready
from gateway.spool.log.works import Flush, Recount, Sum
from gateway.spool.log.writer import LoggedWriter
from gateway.spool.payloads.files import remove
from gateway.spool.payloads.seal import Plain, Seal
from gateway.spool.room import Room
from gateway.spool.settings import SpoolSettings
from gateway.spool.signals import Signals
from gateway.spool.threads import in_thread

log = structlog.get_logger()
T = TypeVar("T")
FILE_THREADS = 8


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
    ready: Ready
    """What may be claimed that is not in the database yet."""

    @property
    def bodies(self) -> Path:
        """The folder of the payload files."""
        return self.folder / BODIES

    async def write(self, work: Callable[[Ledger], T]) -> T:
        """Return the result of *work* once it is on stable storage; raises sqlite3.Error if it could not be done."""
        try:
            return await self.writer.submit(work)
        except ERRORS as error:
            self.damage.note(error)
            raise

    def seal_of(self, encrypted: bool) -> Seal:
        """Return how a payload was written."""
        return self.seal if encrypted else Plain()

    async def recount(self) -> None:
        """Read anew how much the spool holds: other processes may have added and removed messages.

        The writer does it: while anybody else reads the database, a message may move there from the log.
        """
        await self.writer.submit(Recount())

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state; one that is in two places has two."""
        if not self.writer.unmoved:
            return await self.read(Queries.totals)  # not by ``browse``: a long list may be running there
        try:
            return await self.writer.submit(Sum())
        except (*ERRORS, *UNEXPECTED) as error:
            self.damage.note(error)
            raise SpoolError(f"the spool cannot be read ({name_of(error)})") from None

    async def flush_if_possible(self) -> None:
        """Have all that was committed here in the database; where that cannot be done, what is there has to do."""
        with suppress(SpoolError):
            await self.flush()

    async def flush(self) -> None:
        """Have all that was committed here in the database; raises SpoolError if that cannot be done."""
        if self.writer.unmoved:
            try:
                await self.writer.submit(Flush())
            except ERRORS as error:
                self.damage.note(error)
                raise SpoolError(f"the spool cannot be written ({name_of(error)})") from None

    async def remove_file(self, name: str | None) -> None:
        """Remove a payload file that is no longer needed; after a crash it is removed when the spool is opened."""
        if name is not None:
            await asyncio.get_running_loop().run_in_executor(self.threads, remove, self.bodies / name)


@asynccontextmanager
async def open_store(
    folder: Path, settings: SpoolSettings, seal: Seal, clock: Clock, owner: bool
) -> AsyncIterator[Store]:
    """Open the spool in *folder*. Its *owner* makes it where it is missing and clears what a crash has left.

    Raises ConfigError if it cannot be used as it is, SpoolDamaged if it is not what was written.
    """
    opened = await _connections(folder, seal, owner)
    steady = SteadyClock(resume(opened.start.time, opened.start.wall, clock()), elapsed_of(clock))
    room = _room(folder, settings, opened.start.held)
    damage = Damage()
    # Only the owner has counted the seconds without a break: any other takes them from the wall clock, which may have
    # been set forward meanwhile.
    readings = (lambda: (steady.now(), clock())) if owner else None
    signals = Signals()
    ready = Ready(signals.wake)
    hooks = Hooks(
        ready.note,
        partial(_note, asyncio.get_running_loop(), damage, folder.name),
        lambda error: log.error("intake_log_failed", spool=folder.name, reason=error.strerror),
    )
    async with AsyncExitStack() as stack:
        yield Store(
            name=folder.name,
            folder=folder,
            settings=settings,
            seal=seal,
            wall=clock,
            clock=steady,
            pseudonyms=Pseudonyms(opened.start.secret),
            room=room,
            threads=stack.enter_context(ThreadPoolExecutor(FILE_THREADS, "spool-files")),
            writer=await stack.enter_async_context(_writing(opened.write, readings, room, seal, folder, hooks)),
            read=await stack.enter_async_context(_reading(opened.read, "spool-reader", damage)),
            browse=await stack.enter_async_context(_reading(opened.browse, "spool-browser", damage)),
            signals=signals,
            damage=damage,
            ready=ready,
        )


async def _connections(folder: Path, seal: Seal, owner: bool) -> Connections:
    try:
        return await in_thread(partial(open_connections, folder, seal, owner), Connections.close)
    except OSError as error:
        raise ConfigError(_cannot_be_opened(folder, error.strerror)) from None
    except ERRORS as error:
        if not passes(error):
            raise SpoolDamaged(f"{DAMAGED} ({name_of(error)})") from None
        raise ConfigError(_cannot_be_opened(folder, name_of(error))) from None


def _cannot_be_opened(folder: Path, reason: str | None) -> str:
    return f"data_dir: {folder}: the spool cannot be opened: {reason}"


def _room(folder: Path, settings: SpoolSettings, held: int) -> Room:
    room = Room(
        settings.max_bytes, settings.min_free_bytes, settings.inline_bytes, lambda: shutil.disk_usage(folder).free
    )
    room.held = held
    return room


@asynccontextmanager
async def _writing(
    connection: sqlite3.Connection,
    readings: Callable[[], tuple[float, float]] | None,
    room: Room,
    seal: Seal,
    folder: Path,
    hooks: Hooks,
) -> AsyncIterator[GroupWriter]:
    """Run the writer; *readings* of both clocks are stored with each transaction, and at the end."""

    def count(held: int, reusable: int) -> None:
        room.held, room.reusable = held, reusable

    writer = (
        GroupWriter(connection, readings, count, seal)
        if readings is None
        else LoggedWriter(
            connection,
            readings,
            count,
            seal,
            Appender(folder, folder.name, next_number(folder)),
            hooks,
        )
    )
    try:
        yield writer
    finally:
        try:
            if readings is not None:
                with suppress(*ERRORS, SpoolError):  # the clock may have been set since the last transaction
                    await writer.submit(lambda _: None)
        finally:
            await writer.close()


def _note(loop: asyncio.AbstractEventLoop, damage: Damage, spool: str, error: Exception) -> None:
    """Take note, in any thread, of what keeps the writer from putting its log into the database."""
    log.error("intake_log_not_moved", spool=spool, reason=name_of(error))
    loop.call_soon_threadsafe(damage.note, error)


@asynccontextmanager
async def _reading(connection: sqlite3.Connection, name: str, damage: Damage) -> AsyncIterator[Reader]:
    reader = Reader(connection, name, damage)
    try:
        yield reader
    finally:
        await reader.close()
