"""The buckets and their objects, as both APIs use them."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.sandbox.buckets.folders import PART, Buckets
from gateway.sandbox.database import Database
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage import files, records
from gateway.sandbox.storage.digests import Digests, digests_of
from gateway.sandbox.storage.files import File
from gateway.sandbox.storage.listing import Asked, Page, list_objects
from gateway.sandbox.storage.records import Record
from gateway.sandbox.storage.rules import check_bucket, check_key
from gateway.sandbox.worker import Worker

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """One object with all that is known of it."""

    bucket: str
    file: File
    record: Record

    @property
    def etag(self) -> str:
        """Changes with the content and with the metadata."""
        return f"{self.file.generation:x}-{self.record.metageneration:x}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold of the object that is there, before it is read, replaced or removed."""

    generation: int | None = None
    """0 if there must be none."""
    not_generation: int | None = None
    metageneration: int | None = None
    etag: str | None = None

    def check(self, found: Stored | None, *, reading: bool = False) -> None:
        """Raise a 412, or a 304 of a reading that finds nothing new."""
        now = 0 if found is None else found.file.generation
        if self.generation is not None and self.generation != now:
            raise ReasonedError(412, "the generation of the object is not the one of the precondition")
        if self.not_generation is not None and self.not_generation == now:
            raise ReasonedError(304 if reading else 412, "the generation of the object is the one that it must not be")
        if self.metageneration is not None and (found is None or found.record.metageneration != self.metageneration):
            raise ReasonedError(412, "the metageneration of the object is not the one of the precondition")
        if self.etag is not None and (found is None or self.etag not in {found.etag, "*"}):
            raise ReasonedError(412, "the ETag of the object is not the one of the precondition")


class Store:
    """Reads and writes objects, in the order of the calls: one thread does the work with files."""

    def __init__(
        self, database: Database, worker: Worker, buckets: Buckets, own: Path, named: Mapping[str, Path]
    ) -> None:
        self._database, self._worker, self._buckets = database, worker, buckets
        self._own, self._named = own, named
        self._turn = asyncio.Lock()

    async def names(self) -> list[str]:
        """Return the names of the buckets."""
        made = await self.do(lambda: [each.name for each in self._own.iterdir() if each.is_dir()])
        return sorted({*made, *self._named})

    async def folder(self, bucket: str) -> Path:
        """Return the folder of a bucket; raises a 404."""
        folder = self._buckets.folder(check_bucket(bucket))
        if not await self.do(folder.is_dir):
            raise ReasonedError(404, "there is no such bucket; make it, or name its folder with --bucket NAME=FOLDER")
        return folder

    async def create_bucket(self, bucket: str) -> None:
        """Make a bucket; raises a 409."""
        folder = self._buckets.folder(check_bucket(bucket))
        try:
            await self.do(partial(folder.mkdir, mode=0o700))
        except FileExistsError:
            raise ReasonedError(409, "there is a bucket of this name", "conflict") from None

    async def remove_bucket(self, bucket: str) -> None:
        """Remove an empty bucket."""
        folder = await self.folder(bucket)
        if bucket in self._named:
            raise ReasonedError(409, "this bucket is a folder that was named with --bucket; it stays", "conflict")
        async with self._turn:
            if (await self.page(bucket, Asked(most=1))).size:
                raise ReasonedError(409, "the bucket is not empty", "conflict")
            await self.do(partial(shutil.rmtree, folder))

    async def page(self, bucket: str, asked: Asked) -> Page:
        """Return a page of a listing."""
        folder = await self.folder(bucket)
        return await self.do(partial(list_objects, folder, asked))

    async def described(self, bucket: str, found: File, *, digests: bool = False) -> Stored:
        """Return what is known of an object; with *digests* its content is read, if that was not done before."""
        read = partial(records.read_record, bucket=bucket, name=found.key, generation=found.generation, size=found.size)
        record = await self._database.run(read)
        if digests and not record.has_digests:
            read_digests = await self.do(partial(digests_of, found.path))
            record = replace(record, md5=read_digests.md5, crc32c=read_digests.crc32c)
            await self._keep(bucket, found.key, record)
        return Stored(bucket, found, record)

    async def find(self, bucket: str, key: str, *, digests: bool = False) -> Stored | None:
        """Return an object, or None."""
        folder = await self.folder(bucket)
        found = await self.do(partial(files.find, folder, key))
        return None if found is None else await self.described(bucket, found, digests=digests)

    async def get(self, bucket: str, key: str, *, digests: bool = False) -> Stored:
        """Return an object; raises a 404."""
        found = await self.find(bucket, key, digests=digests)
        if found is None:
            raise ReasonedError(404, "there is no such object")
        return found

    async def begin(self, bucket: str, name: str | None = None) -> Path:
        """Return an empty file for an object that arrives."""
        folder = await self.folder(bucket)
        return await self.do(partial(files.part_file, folder, name))

    async def receive(self, part: Path, chunks: AsyncIterator[bytes], digests: Digests | None = None) -> int:
        """Write octets as they come; return how many they were."""
        count = 0
        async for chunk in chunks:
            await self.do(partial(_write, part, chunk, digests))
            count += len(chunk)
        return count

    async def finish(
        self, bucket: str, key: str, part: Path, digests: Digests, resource: dict[str, Any], conditions: Conditions
    ) -> Stored:
        """Let an object that is complete appear, and remove its unfinished file whatever happens."""
        try:
            folder = await self.folder(bucket)
            check_key(key)
            _check_digests(resource, digests)
            described = _described(Record(0, 0, md5=digests.md5, crc32c=digests.crc32c), resource)
            async with self._turn:
                if conditions != Conditions():
                    conditions.check(await self.find(bucket, key))
                appear = partial(files.appear, part, folder, key, only_new=conditions.generation == 0)
                file = await self.do(appear)
                record = replace(described, generation=file.generation, size=file.size)
                await self._keep(bucket, key, record)
            return Stored(bucket, file, record)
        finally:
            await self.do(partial(part.unlink, missing_ok=True))

    async def change(self, bucket: str, key: str, resource: dict[str, Any], conditions: Conditions) -> Stored:
        """Change the metadata of an object."""
        async with self._turn:
            found = await self.get(bucket, key, digests=True)
            conditions.check(found)
            record = _described(found.record, resource)
            record = replace(record, metageneration=record.metageneration + 1)
            await self._keep(bucket, key, record)
        return replace(found, record=record)

    async def remove(self, bucket: str, key: str, conditions: Conditions) -> None:
        """Remove an object; raises a 404."""
        folder = await self.folder(bucket)
        async with self._turn:
            found = await self.get(bucket, key)
            conditions.check(found)
            await self.do(partial(files.remove, folder, found.file))
            await self._database.run(partial(records.remove_record, bucket=bucket, name=key))

    async def _keep(self, bucket: str, key: str, record: Record) -> None:
        await self._database.run(partial(records.write_record, bucket=bucket, name=key, record=record))

    async def do(self, work: Callable[[], T]) -> T:
        """Do blocking work with files."""
        return await self._worker.run(work)

    async def uploads(self, work: Callable[..., T]) -> T:
        """Do work with the uploads that are kept in the database."""
        return await self._database.run(work)

    def remove_leftovers(self, older_than: float) -> None:
        """Remove unfinished files of a process that was killed. Blocks."""
        for folder in (*self._named.values(), *(each for each in self._own.glob("*") if each.is_dir())):
            for path in folder.glob(".*.part"):
                if PART.match(path.name) and path.stat().st_mtime < older_than:
                    path.unlink(missing_ok=True)


def _write(part: Path, chunk: bytes, digests: Digests | None) -> None:
    files.append(part, chunk)
    if digests is not None:
        digests.update(chunk)


def _described(record: Record, resource: dict[str, Any]) -> Record:
    try:
        return records.described(record, resource)
    except ValueError as error:
        raise ReasonedError(400, str(error)) from None


def _check_digests(resource: dict[str, Any], digests: Digests) -> None:
    for key, is_so in (("md5Hash", digests.md5), ("crc32c", digests.crc32c)):
        if resource.get(key) not in (None, "", is_so):
            raise ReasonedError(400, f"the octets that arrived do not have the {key} that was sent with them")


def read_at(descriptor: int, offset: int, count: int) -> bytes:
    """Return octets of an open file. Blocks."""
    return os.pread(descriptor, count, offset)
