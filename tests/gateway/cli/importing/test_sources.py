"""Octets that can be read again: whole objects, packed files, members of zip files, and how their damage is told."""

import errno
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.cli.importing import sources
from gateway.cli.importing.sources import (
    ChangedError,
    Member,
    NotReadError,
    ObjectSource,
    RangedSource,
    RangedSourceBody,
    SourceBody,
    Unzipped,
    closing,
    head_of,
    of_zip,
    spooled,
    whole_of,
)
from gateway.contract.body import RangedBody
from gateway.contract.objects import Bucket, BucketAway
from gateway.kinds import KINDS
from tests.gateway.cli.importing.support import zipped


class Cut:
    """Octets in pieces of a size."""

    def __init__(self, data: bytes, piece: int = 3) -> None:
        self._data, self._piece = data, piece
        self.size: int | None = len(data)
        self.closed = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces."""
        try:
            for at in range(0, len(self._data), self._piece):
                yield self._data[at : at + self._piece]
        finally:
            self.closed += 1


class Counted:
    """A bucket that counts what is read in parts."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket, self.reads = bucket, 0
        self.list, self.stream, self.create, self.remove = bucket.list, bucket.stream, bucket.create, bucket.remove

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return octets of the object."""
        self.reads += 1
        return await self._bucket.read(key, first, count)


async def test_object(tmp_path: Path) -> None:
    """An object that is kept, and one that is streamed, have the same octets and the same digest."""
    (tmp_path / "a").write_bytes(b"0123456789")
    kind = KINDS.buckets["folder"]
    bucket = kind.open("", kind.settings.model_validate({"kind": "folder", "url": str(tmp_path)}))
    kept, streamed = ObjectSource(bucket, "a", 10, b"0123456789"), ObjectSource(bucket, "a", 10)
    assert await whole_of(kept, 100) == await whole_of(streamed, 100) == b"0123456789"
    assert kept.digest == streamed.digest
    assert len(kept.digest) == 64


@pytest.mark.parametrize("told", [9, 11])
async def test_changed(tmp_path: Path, told: int) -> None:
    """An object that is not as long as it was told is not sent as if it were."""
    (tmp_path / "a").write_bytes(b"0123456789")
    kind = KINDS.buckets["folder"]
    bucket = kind.open("", kind.settings.model_validate({"kind": "folder", "url": str(tmp_path)}))
    source = ObjectSource(bucket, "a", told)
    with pytest.raises(ChangedError, match="has changed while it was read"):
        await whole_of(source, 100)
    assert source.digest == ""


@pytest.mark.parametrize("missing", [b"", b"xyz"])
@pytest.mark.parametrize(("size", "reads"), [(10, 1), (100, 3)])
async def test_ranges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, reads: int, missing: bytes) -> None:
    """Any part of an object is read, behind what is missing in it; its head is read once."""
    monkeypatch.setattr(sources, "HEAD", 20)
    whole = bytes(range(size))
    (tmp_path / "a").write_bytes(whole)
    kind = KINDS.buckets["folder"]
    bucket = Counted(kind.open("", kind.settings.model_validate({"kind": "folder", "url": str(tmp_path)})))
    source = RangedSource(bucket, "a", size)
    body = RangedSourceBody(source, missing)
    assert isinstance(body, RangedBody)
    assert await head_of(source, 5) == whole[:5]
    for first, count in ((0, 5), (2, 6), (8, 100), (3, 5), (90, 50)):
        assert await body.read(first, count) == (missing + whole)[first : first + count]
    assert bucket.reads == reads
    assert b"".join([bytes(each) async for each in body.chunks()]) == missing + whole


async def test_ranges_of_a_changed_object(tmp_path: Path) -> None:
    """An object that is shorter than it was told is not read as if it were whole, and whoever reads can ask why."""
    (tmp_path / "a").write_bytes(b"0123456789")
    kind = KINDS.buckets["folder"]
    bucket = kind.open("", kind.settings.model_validate({"kind": "folder", "url": str(tmp_path)}))
    body = RangedSourceBody(RangedSource(bucket, "a", 11))
    with pytest.raises(ChangedError):
        await body.read(0, 5)
    assert isinstance(body.failure, ChangedError)


@pytest.mark.parametrize("piece", [1, 7, 1000])
async def test_unzipped(piece: int) -> None:
    """However the octets are cut: several members one behind the other, and zeros at the end."""
    packed = gzip.compress(b"abc" * 100) + gzip.compress(b"def") + bytes(8)
    assert await whole_of(Unzipped(Cut(packed, piece)), 1000) == b"abc" * 100 + b"def"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (gzip.compress(b"abc" * 100, mtime=0)[:-9], "not whole"),
        (gzip.compress(b"abc", mtime=0)[:-6] + b"xxxxxx", "damaged"),
        (gzip.compress(b"abc", mtime=0) + b"no member", "damaged"),
    ],
)
async def test_damaged(data: bytes, why: str) -> None:
    """A damaged file says so, however often it is read."""
    with pytest.raises(NotReadError, match=why):
        await whole_of(Unzipped(Cut(data)), 1000)


async def test_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to too much ends."""
    monkeypatch.setattr("gateway.cli.importing.sources.MOST_UNPACKED", 1000)
    with pytest.raises(NotReadError, match="unpacks to more"):
        await head_of(Unzipped(Cut(gzip.compress(bytes(10_000)), 1000)), 100_000)


async def test_member(tmp_path: Path) -> None:
    """A member is read; one that is damaged says so."""
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"x": b"12345" * 100}))
    assert await whole_of(Member(path, "x", 500), 1000) == b"12345" * 100
    data = bytearray(path.read_bytes())
    data[35] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(NotReadError, match="member of the zip file"):
        await whole_of(Member(path, "x", 500), 1000)


async def test_body() -> None:
    """What is missing stands before the octets, each time; a failure is kept for who cannot see it."""
    body = SourceBody(Cut(b"12345"), b"0")
    for _ in range(2):
        assert b"".join([bytes(chunk) async for chunk in body.chunks()]) == b"012345"
    assert (body.length, body.replayable, body.failure) == (6, True, None)
    broken = SourceBody(Unzipped(Cut(b"no gzip")))
    with pytest.raises(NotReadError):
        [chunk async for chunk in broken.chunks()]
    assert (broken.length, str(broken.failure)) == (None, "the gzip file is damaged")


async def test_ends(tmp_path: Path) -> None:
    """A source that is not read out is closed; one that is larger than allowed is refused."""
    source = Cut(b"0123456789")
    assert await head_of(source, 4) == b"0123"
    async with closing(source.chunks()) as chunks:
        assert await anext(chunks) == b"012"
    assert source.closed == 2
    with pytest.raises(NotReadError, match="larger than"):
        await whole_of(source, 9)
    with (tmp_path / "spooled").open("wb") as file:
        await spooled(source, file)
    assert (tmp_path / "spooled").read_bytes() == b"0123456789"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.EINVAL, "Invalid argument"), NotReadError),
        (ValueError("x"), NotReadError),
        (OSError(errno.ENOSPC, "No space left on device"), BucketAway),
    ],
)
def test_zip_errors(error: Exception, kind: type[Exception]) -> None:
    """A damaged file is refused for good; a full disk is tried again."""
    found = of_zip(error, "damaged")
    assert type(found) is kind
    assert str(found) in {"damaged", "data_dir takes no zip file: No space left on device"}
