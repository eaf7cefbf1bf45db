"""A bucket of S3 behaves as a folder does: against a real server, and against one that fails."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

pytest.importorskip("obstore", reason="the extra objects is not installed")

from adapters.objects.contract import AlreadyThere, BadKey, Bucket, BucketAway, NotAllowed, NotThere
from adapters.objects.folder import Folder
from adapters.objects.remote import PART
from adapters.objects.settings import S3BucketSettings
from adapters.objects.stores import open_s3
from tests.s3_server import needs_s3, s3_server


async def octets(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield *chunks*."""
    for chunk in chunks:
        yield chunk


def opened(**settings: Any) -> Bucket:
    """Return the bucket with these settings."""
    return open_s3("buckets.north", S3BucketSettings.model_validate(settings))


async def keys(bucket: Bucket, pattern: str) -> list[str]:
    """Return the keys that *pattern* means."""
    return sorted([found.key async for found in bucket.list(pattern)])


@needs_s3
async def test_real_server(tmp_path: Path) -> None:
    """What is created is listed, read in parts, streamed and removed; nothing is replaced unless told."""
    async with s3_server(tmp_path / "s3") as server:
        bucket = opened(**server.settings())
        await bucket.create("a/b c.dcm", octets(b"0123", b"456789"))
        await bucket.create("a/b c.txt", octets(b""))
        await bucket.create("ab/ü.dcm", octets(b"1"))
        assert await keys(bucket, "**.dcm") == ["a/b c.dcm", "ab/ü.dcm"]
        assert await keys(bucket, "a/b*") == ["a/b c.dcm", "a/b c.txt"]
        assert await keys(bucket, "ab/ü.dcm") == ["ab/ü.dcm"]
        assert await keys(bucket, "nothing") == []
        assert await bucket.read("a/b c.dcm") == b"0123456789"
        assert await bucket.read("a/b c.dcm", 3, 4) == b"3456"
        assert await bucket.read("a/b c.dcm", 8, 10) == b"89"
        assert await bucket.read("a/b c.dcm", 20, 10) == b""
        assert await bucket.read("a/b c.txt") == b""
        with pytest.raises(AlreadyThere):
            await bucket.create("a/b c.dcm", octets(b"new"))
        (before,) = [found async for found in bucket.list("a/b c.dcm")]
        await bucket.create("a/b c.dcm", octets(b"abcdefghij"), replace=True)
        (after,) = [found async for found in bucket.list("a/b c.dcm")]
        assert (before.size, before.version != after.version) == (after.size, True)
        await _large(bucket)
        below = opened(**server.settings("north/a"))
        assert await keys(below, "*.dcm") == ["b c.dcm"]
        await bucket.remove("a/b c.dcm")
        await bucket.remove("a/b c.dcm")
        with pytest.raises(NotThere):
            await bucket.read("a/b c.dcm")
        server.key_file.write_text("aws_access_key_id = hilum-test\naws_secret_access_key = wrong\n")
        with pytest.raises(NotAllowed):
            await keys(opened(**server.settings()), "**")


async def _large(bucket: Bucket) -> None:
    chunk = bytes(range(256)) * 4096
    count = PART // len(chunk) * 2 + 1

    async def source(fails: bool) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield chunk
        if fails:
            raise KeyError("the source breaks")

    await bucket.create("large", source(fails=False))
    size, whole = 0, True
    async for part in bucket.stream("large"):
        size, whole = size + len(part), whole and part[:256] in chunk * 2
    assert (size, whole) == (count * len(chunk), True)
    with pytest.raises(AlreadyThere):
        await bucket.create("large", source(fails=False))
    with pytest.raises(KeyError, match="the source breaks"):
        await bucket.create("broken", source(fails=True))
    assert await keys(bucket, "broken") == []

    async def overtaken() -> AsyncIterator[bytes]:
        for number in range(count):
            if number == count - 1:
                await bucket.create("raced", octets(b"the faster one"))
            yield chunk

    with pytest.raises(AlreadyThere):
        await bucket.create("raced", overtaken())
    assert await bucket.read("raced") == b"the faster one"
    await bucket.create("raced", source(fails=False), replace=True)
    assert len(await bucket.read("raced")) == count * len(chunk)


WRITER = """
import json, sys
from gateway.config.buckets import opener_of
from gateway.kinds import KINDS
from gateway.process.loop import run_loop

settings = json.loads(sys.argv[1])
bucket = opener_of({"b": KINDS.buckets[settings["kind"]].settings.model_validate(settings)})("b")

async def endless():
    while True:
        yield bytes(1024 * 1024)
        print("written", flush=True)

run_loop(bucket.create("half", endless()))
"""


async def killed_while_it_writes(settings: dict[str, Any]) -> None:
    """Run a process that writes an object of many parts, and kill it after some of them."""
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, json.dumps(settings), stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    for _ in range(5 * PART // (1024 * 1024)):
        assert await writer.stdout.readline() == b"written\n"
    writer.kill()
    await writer.communicate()


@needs_s3
@pytest.mark.slow
async def test_killed_while_it_writes(tmp_path: Path) -> None:
    """Nothing of an object is visible whose writer was killed, and its key is free: in S3 and in a folder."""
    async with s3_server(tmp_path / "s3") as server:
        folder = {"kind": "folder", "url": str(tmp_path / "folder")}
        buckets = (opened(**server.settings()), server.settings()), (Folder(tmp_path / "folder"), folder)
        for bucket, settings in buckets:
            await killed_while_it_writes(settings)
            assert await keys(bucket, "**") == []
            with pytest.raises(NotThere):
                await bucket.read("half")
            await bucket.create("half", octets(b"whole"))
            assert await bucket.read("half") == b"whole"


@asynccontextmanager
async def fake(status: int, text: str = "") -> AsyncIterator[Bucket]:
    """Yield a bucket whose server answers everything in the same way."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "HEAD":
            return web.Response(status=404)
        return web.Response(status=status, text=text, content_type="application/xml")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        yield opened(kind="s3", url="s3://north", endpoint=str(server.make_url("")).rstrip("/"))


@pytest.mark.parametrize(
    ("status", "kind"), [(403, NotAllowed), (401, NotAllowed), (404, NotThere), (503, BucketAway), (418, BucketAway)]
)
async def test_failures(status: int, kind: type[Exception]) -> None:
    """Each status says whether trying again can help; the text has neither key nor address."""
    async with fake(status) as bucket:
        for act in (bucket.read("patients-name"), keys(bucket, "patients-name/*"), bucket.create("x", octets(b"1"))):
            with pytest.raises(kind) as raised:
                await act
            assert "patients" not in str(raised.value)
            assert "127.0.0.1" not in str(raised.value)


async def test_nobody_there() -> None:
    """A server that cannot be reached is a reason to try again later."""
    bucket = opened(kind="s3", url="s3://north", endpoint="http://127.0.0.1:1")
    with pytest.raises(BucketAway, match="cannot be reached"):
        await bucket.read("x")


def page(*entries: tuple[str, int]) -> str:
    """Return a page of a listing."""
    entry = "<Key>{}</Key><Size>{}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>1</ETag>"
    entry = f"<Contents>{entry}</Contents>"
    listed = "".join(entry.format(*each) for each in entries)
    return f'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>'


async def test_folders_are_no_objects() -> None:
    """The empty object `a/`, which some programs write for a folder, is left out."""
    async with fake(200, page(("a/", 0), ("a/b", 5))) as bucket:
        assert await keys(bucket, "**") == ["a/b"]


async def test_names_that_cannot_be_listed() -> None:
    """A name that obstore does not take is told, with what to do; nothing is left out in silence."""
    async with fake(200, page(("a/b", 5), ("a//c", 5))) as bucket:
        with pytest.raises(BadKey, match="rename it, or name a folder without it"):
            await keys(bucket, "**")


def test_the_core_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings say which extra is missing."""
    monkeypatch.setattr("adapters.objects.settings.find_spec", lambda _: None)
    with pytest.raises(ValueError, match="install Hilum with its extra objects"):
        S3BucketSettings.model_validate({"kind": "s3", "url": "s3://north"})
    assert sys.modules["obstore"]
