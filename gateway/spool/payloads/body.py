"""The body of a spooled message: replayable, and never other than what was committed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from gateway.contract.body import Buffer
from gateway.spool.database.reading.rows import Payload
from gateway.spool.interface import PayloadDamaged, SpoolError
from gateway.spool.payloads.files import SealedFile
from gateway.spool.payloads.seal import Seal

T = TypeVar("T")


def unseal(payload: Payload, seal: Seal) -> bytes | None:
    """Return a payload that is kept in the database; None if it is not what was committed."""
    if not isinstance(payload.data, bytes):  # a damaged row may hold anything
        return None
    header, sealed = payload.data[: seal.header_size], payload.data[seal.header_size :]
    try:
        data = seal.cipher(header).open(sealed, 0, True)
    except PayloadDamaged:
        return None
    right = len(data) == payload.size and seal.fingerprint(hashlib.sha256(data).digest()) == payload.digest
    return data if right else None


class RowBody:
    """A payload from the database, which was checked when it was read."""

    def __init__(self, data: bytes | None, size: int) -> None:
        self._data = data
        self._size = size

    @property
    def length(self) -> int:
        """Octets in total."""
        return self._size

    @property
    def replayable(self) -> bool:
        """It can be sent any number of times."""
        return True

    async def intact(self, *, keep: bool = False) -> bool:  # noqa: ARG002 - it is in memory anyway
        """Tell whether it is what was committed."""
        return self._data is not None

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload as one chunk; raises PayloadDamaged if it is not what was committed."""
        if self._data is None:
            raise PayloadDamaged("the payload is not what was committed")
        yield self._data


class FileBody:
    """A payload in a file, which is read through once and compared with its digest before its first use."""

    def __init__(self, path: Path, payload: Payload, seal: Seal, threads: Executor) -> None:
        self._path = path
        self._payload = payload
        self._seal = seal
        self._threads = threads
        self._intact: bool | None = None
        self._read: bytes | None = None
        """All of it, from when it was compared until it is sent; None if it was not kept."""

    @property
    def length(self) -> int:
        """Octets in total."""
        return self._payload.size

    @property
    def replayable(self) -> bool:
        """It can be sent any number of times."""
        return True

    async def intact(self, *, keep: bool = False) -> bool:
        """Tell whether it is what was committed; raises SpoolError when that cannot be told just now.

        If it is one chunk, it can be *kept* in memory until it is sent, so that it is not read again.
        """
        if self._intact is None:
            self._intact = await self._run(lambda: self._compare(keep=keep))
        return self._intact

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order; raises PayloadDamaged if it is not what was committed."""
        if not await self.intact():
            raise PayloadDamaged("the payload is not what was committed")
        read, self._read = self._read, None
        if read is not None:
            yield read
            return
        file = self._open()
        try:
            index = 0
            while chunk := await self._run(lambda: file.read(index)):  # noqa: B023 - awaited within the turn
                yield chunk
                index += 1
        finally:
            file.close()

    def _open(self) -> SealedFile:
        return SealedFile(self._path, self._payload.size, self._seal)

    def _compare(self, *, keep: bool) -> bool:
        try:
            with closing(self._open()) as file:
                if not (keep and file.is_one_chunk):
                    return self._seal.fingerprint(file.sha256()) == self._payload.digest
                self._read = file.read(0)
                return self._seal.fingerprint(hashlib.sha256(self._read).digest()) == self._payload.digest
        except (FileNotFoundError, PayloadDamaged):
            return False
        except OSError as error:  # such as too many open files: that says nothing about the payload
            raise SpoolError(f"a spooled payload cannot be read: {error.strerror}") from None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


SpooledBody = RowBody | FileBody
