"""Writes what has passed the gate into the buckets of the public side: thumbnails first, then the table.

A segment of the table is named by the rows in it, and by nothing of the identified side. The manifest is replaced last:
a reader sees the table as it was or as it is, and each thumbnail that it names is there. What is not named any more is
removed at the end; of the buckets only those objects are touched whose names this file makes.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.pipeline.settings import PublicSettings
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.manifest import TableDamagedError, decode
from adapters.tables.views import SEGMENTS
from adapters.tables.writing import WHAT
from gateway.contract.objects import Bucket, NotThere

TABLE = "public_table"
MANIFEST = "manifest.json"
KEYS = "SELECT DISTINCT thumbnail FROM public_table WHERE thumbnail IS NOT NULL"
SEGMENT = re.compile(r"[0-9a-f]{64}\.parquet")
PICTURE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.webp")


@dataclass(frozen=True, slots=True)
class Public:
    """All that shall be on the public side."""

    manifest: bytes
    segments: Mapping[str, bytes]
    pictures: Mapping[str, bytes]
    """By key; those that are there already are not written again."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a bucket."""

    bucket: Bucket
    prefix: str

    async def names(self, pattern: str) -> set[str]:
        """Return the names of the objects in it, without its own; empty if there is no bucket yet."""
        try:
            found = [each.key async for each in self.bucket.list(self.prefix + pattern)]
        except NotThere:
            return set()
        return {each.removeprefix(self.prefix) for each in found}

    async def read(self, name: str) -> bytes | None:
        """Return an object; None if there is none."""
        try:
            return await self.bucket.read(self.prefix + name)
        except NotThere:
            return None

    async def write(self, name: str, octets: bytes) -> None:
        """Write an object, in place of another one."""
        await self.bucket.create(self.prefix + name, _once(octets), replace=True)

    async def remove(self, names: Iterable[str]) -> None:
        """Remove objects."""
        for each in sorted(names):
            await self.bucket.remove(self.prefix + each)


async def _once(octets: bytes) -> AsyncIterator[bytes]:
    yield octets


def folder_of(place: str, bucket: Bucket) -> Folder:
    """Return the folder of a place ``BUCKET:FOLDER``."""
    return Folder(bucket, place.partition(":")[2])


async def publish(public: Public, tables: Folder, thumbnails: Folder) -> bool:
    """Make the public side what it shall be; return whether anything had to be written. Raises ObjectError."""
    there = {each for each in await thumbnails.names("**.webp") if PICTURE.fullmatch(each)}
    new = public.pictures.keys() - there
    for key in sorted(new):
        await thumbnails.write(key, public.pictures[key])
    below = f"{TABLE}/segments/"
    segments = {each.removeprefix(below) for each in await tables.names(f"{below}*.parquet")}
    missing = public.segments.keys() - segments
    for name in sorted(missing):
        await tables.write(below + name, public.segments[name])
    is_other = await tables.read(f"{TABLE}/{MANIFEST}") != public.manifest
    if is_other:
        await tables.write(f"{TABLE}/{MANIFEST}", public.manifest)
    old = {each for each in segments - public.segments.keys() if SEGMENT.fullmatch(each)}
    await tables.remove(below + each for each in old)
    await thumbnails.remove(there - public.pictures.keys())
    return bool(new or missing or is_other or old or there - public.pictures.keys())


def places_of(settings: PublicSettings) -> tuple[str, str]:
    """Return the names of both buckets."""
    return settings.tables.partition(":")[0], settings.thumbnails.partition(":")[0]


class Files(Mapping[str, bytes]):
    """The files of a folder by name; each is read when it is asked for."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._folder, self._names = folder, sorted(names)

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return (self._folder / name).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Pictures(Mapping[str, bytes]):
    """Pictures by key, which are asked for when the first of them is."""

    def __init__(self, keys: Iterable[str], load: Callable[[], Mapping[str, bytes]]) -> None:
        self._keys, self._load = frozenset(keys), load
        self._loaded: Mapping[str, bytes] | None = None

    def __getitem__(self, key: str) -> bytes:
        if key not in self._keys:  # what is loaded has the pictures of rows that are held back as well
            raise KeyError(key)
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._keys))

    def __len__(self) -> int:
        return len(self._keys)


def public_of(tables: Tables, load: Callable[[], Mapping[str, bytes]]) -> Public:
    """Return what a public table that is whole on the identified side shall be on the public one.

    Its manifest says nothing but what the table is: neither of what it is made, nor how often it has changed.
    """
    there = tables.manifest(TABLE)
    told = replace(there, generation=0, next_row=0, retired=(), labels={WHAT: TABLE})
    engine = Engine({"main": tables})
    try:
        rows = engine.query(KEYS).rows
    finally:
        engine.close()
    segments = Files(tables.path(TABLE) / SEGMENTS, (each.name for each in there.segments))
    return Public(told.encode(), segments, Pictures((key for (key,) in rows), load))


async def fetch(tables: Folder, to: Path) -> bool:
    """Copy the public table into a folder of this machine; return whether there is one."""
    octets = await tables.read(f"{TABLE}/{MANIFEST}")
    if octets is None:
        return False
    segments = to / TABLE / SEGMENTS
    await asyncio.to_thread(segments.mkdir, parents=True)
    for each in decode(octets).segments:
        if not SEGMENT.fullmatch(each.name):
            raise TableDamagedError(
                "the manifest of the public table names a file that is none of its own; publish again"
            )
        found = await tables.read(f"{TABLE}/segments/{each.name}")
        if found is None:
            raise TableDamagedError("a part of the public table is missing; run the pipeline again")
        await asyncio.to_thread((segments / each.name).write_bytes, found)
    await asyncio.to_thread((to / TABLE / MANIFEST).write_bytes, octets)
    return True
