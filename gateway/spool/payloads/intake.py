"""Receives bodies: a small one into memory, for the database; a large one into a file while it arrives."""

import asyncio
import errno
import hashlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.contract.body import Body, Buffer
from gateway.spool.payloads.files import PayloadFile
from gateway.spool.payloads.seal import CHUNK, Seal
from gateway.spool.room import NoRoom, Reservation, Room

T = TypeVar("T")
DISK_IS_FULL = "the spool's disk is full"
CANNOT_WRITE = "the spool cannot be written"


@dataclass(frozen=True, slots=True)
class Taken:
    """A payload that has been received. It is durable already only if it is in a file."""

    size: int
    digest: bytes
    """The fingerprint of its SHA-256."""
    data: bytes | None
    """As it is written to the database."""
    file: PayloadFile | None


class Intake:
    """Receives bodies, within the limits of *room*."""

    def __init__(
        self,
        folder: Path,
        seal: Seal,
        room: Room,
        inline_bytes: int,
        threads: Executor,
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        self._folder = folder
        self._seal = seal
        self._room = room
        self._inline_bytes = inline_bytes
        self._threads = threads
        self._refresh = refresh

    async def take(self, body: Body, reservation: Reservation) -> Taken:
        """Return the whole payload; raises NoRoom or what the body raises, and then keeps nothing."""
        await self._with_fresh_count(lambda: self._room.check(body.length or 0))
        file: PayloadFile | None = None
        buffer = bytearray()
        size = 0
        try:
            async for chunk in body.chunks():
                await self._with_fresh_count(lambda: self._room.grow(reservation, len(chunk)))  # noqa: B023 - awaited
                size += len(chunk)
                buffer += chunk
                if file is None and size > self._inline_bytes:
                    file = PayloadFile(self._folder, self._seal)
                if file is not None:
                    await self._write_full_chunks(file, buffer)
            if file is None:
                return self._small(bytes(buffer))
            digest = await self._on_disk(file.finish, buffer)  # not changed any more
        except BaseException:
            await self.abandon(file)
            raise
        return Taken(size, self._seal.fingerprint(digest), None, file)

    async def abandon(self, file: PayloadFile | None) -> None:
        """Remove a file, if there is one, that no row will name."""
        if file is not None:
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, file.abandon))

    def _small(self, data: bytes) -> Taken:
        header = self._seal.new_header()
        sealed = self._seal.cipher(header).seal(data, 0, True)
        digest = self._seal.fingerprint(hashlib.sha256(data).digest())
        return Taken(len(data), digest, header + sealed, None)

    async def _write_full_chunks(self, file: PayloadFile, buffer: bytearray) -> None:
        """Write all full chunks except the last one: only the end of the body shows which chunk is the last."""
        full = (len(buffer) - 1) // CHUNK * CHUNK
        for start in range(0, full, CHUNK):
            await self._on_disk(file.write, bytes(memoryview(buffer)[start : start + CHUNK]))
        del buffer[:full]

    async def _with_fresh_count(self, check: Callable[[], None]) -> None:
        """Count again before NoRoom is raised: an operator may have made room from another process."""
        try:
            check()
        except NoRoom:
            await self._refresh()
            check()

    async def _on_disk(self, work: Callable[[Buffer], T], data: Buffer) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, data)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise NoRoom(DISK_IS_FULL if full else CANNOT_WRITE) from None
