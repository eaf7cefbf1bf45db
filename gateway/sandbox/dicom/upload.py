"""Writes the parts of one STOW-RS request to temporary files, so that memory does not grow with the instances."""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self
from uuid import uuid4

from gateway.sandbox.dicom.media_type import parse_media_type
from gateway.sandbox.dicom.multipart import Broken, Event, MultipartReader, PartBegun, PartContent, PartEnded
from gateway.sandbox.private import OWNER_FILE
from gateway.sandbox.worker import Worker, sync_file

APPLICATION_DICOM = "application/dicom"
AT_ONCE = 512 * 1024
"""Octets that are collected before the thread that writes them is woken."""


class Upload:
    """Receives parts into *folder*. Files that are still there at the end of ``async with`` are removed."""

    def __init__(self, folder: Path, worker: Worker) -> None:
        self._folder = folder
        self._worker = worker
        self._file: BinaryIO | None = None
        self.files: list[Path] = []
        """One file for each part, in the order of the request: complete after `receive`, on the disk after `sync`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._worker.run(self._remove)

    async def receive(self, chunks: AsyncIterator[bytes], boundary: str) -> str | None:
        """Read a request body to its end; return why it is not acceptable, or None if it is."""
        reader = MultipartReader(boundary)
        async for some in _collected(chunks):
            reason = await self._worker.run(partial(self._take, reader, some))
            if reason is not None:
                return reason
        for event in reader.receive_end():
            if isinstance(event, Broken):
                return event.reason
        return None if self.files else "the request has no part"

    async def sync(self) -> None:
        """Return when all files are on the disk."""
        if len(self.files) == 1:  # no other file of this request could share the wait
            await self._worker.run(partial(sync_file, self.files[0]))
        else:
            await self._worker.sync(self.files)

    def _take(self, reader: MultipartReader, chunks: list[bytes]) -> str | None:
        for event in (event for chunk in chunks for event in reader.receive_data(chunk)):
            reason = self._obey(event)
            if reason is not None:
                return reason
        return None

    def _obey(self, event: Event) -> str | None:
        match event:
            case PartBegun(headers):
                if parse_media_type(headers.get("content-type", "")).name != APPLICATION_DICOM:
                    return "a part is not application/dicom"
                self._open()
            case PartContent(data) if self._file is not None:
                self._file.write(data)
            case PartEnded():
                self._close()
            case Broken(reason):
                return reason
        return None

    def _open(self) -> None:
        path = self._folder / f"{uuid4().hex}.part"
        self.files.append(path)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "wb")

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _remove(self) -> None:
        if self._file is not None:
            self._file.close()
        for path in self.files:
            path.unlink(missing_ok=True)


async def _collected(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield the chunks of a body, as many at a time as have AT_ONCE octets."""
    some: list[bytes] = []
    octets = 0
    async for chunk in chunks:
        some.append(chunk)
        octets += len(chunk)
        if octets >= AT_ONCE:
            yield some
            some, octets = [], 0
    if some:
        yield some
