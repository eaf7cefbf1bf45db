"""A folder behaves as a bucket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.objects.contract import AlreadyThere, BadKey, Bucket, NotThere
from adapters.objects.folder import Folder
from adapters.objects.wildcards import BadPattern


async def octets(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield *chunks*."""
    for chunk in chunks:
        yield chunk


async def test_there_and_back(tmp_path: Path) -> None:
    """What is created is listed, read in parts, streamed and removed."""
    bucket: Bucket = Folder(tmp_path / "new")
    await bucket.create("a/b.dcm", octets(b"0123", b"", b"456789"))
    (found,) = [each async for each in bucket.list("**.dcm")]
    assert (found.key, found.size) == ("a/b.dcm", 10)
    assert await bucket.read("a/b.dcm") == b"0123456789"
    assert await bucket.read("a/b.dcm", 3, 4) == b"3456"
    assert b"".join([chunk async for chunk in bucket.stream("a/b.dcm")]) == b"0123456789"
    await bucket.remove("a/b.dcm")
    await bucket.remove("a/b.dcm")
    assert [each async for each in bucket.list("**")] == []


async def test_nothing_is_replaced_unless_told(tmp_path: Path) -> None:
    """An object that is there stays."""
    bucket = Folder(tmp_path)
    await bucket.create("a", octets(b"old"))
    with pytest.raises(AlreadyThere):
        await bucket.create("a", octets(b"new"))
    assert await bucket.read("a") == b"old"
    await bucket.create("a", octets(b"new"), replace=True)
    assert await bucket.read("a") == b"new"


async def test_a_source_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    """No half of an object appears, and nothing stays beside it."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Folder(tmp_path).create("a", broken())
    assert [*tmp_path.iterdir()] == []


async def test_what_it_cannot_have(tmp_path: Path) -> None:
    """Each refusal has its class."""
    bucket = Folder(tmp_path)
    await bucket.create("a", octets(b"1"))
    for key in ("../a", "a/b"):
        with pytest.raises(BadKey):
            await bucket.create(key, octets(b"1"))
    with pytest.raises(NotThere):
        await bucket.read("b")
    with pytest.raises(NotThere):
        [chunk async for chunk in bucket.stream("b")]
    with pytest.raises(BadPattern):
        [each async for each in bucket.list("**/a")]
    with pytest.raises(NotThere, match="does not exist"):
        [each async for each in Folder(tmp_path / "absent").list("**")]


async def test_many_files(tmp_path: Path) -> None:
    """A listing goes on after its first part."""
    for number in range(600):
        (tmp_path / f"{number:04}").touch()
    assert [each.key async for each in Folder(tmp_path).list("*")] == [f"{number:04}" for number in range(600)]
