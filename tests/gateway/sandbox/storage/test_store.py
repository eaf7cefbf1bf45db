"""The buckets and their objects without HTTP."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.listing import Asked
from gateway.sandbox.storage.store import Conditions, Store
from tests.gateway.sandbox.storage.writing import put


async def test_put_and_read(opened: Store, folder: Path) -> None:
    """An object is a file, with its type and metadata."""
    made = await put(opened, "a/b", b"octets", {"contentType": "x/y", "metadata": {"k": "v"}})
    assert b"octets" == (folder / "a/b").read_bytes()
    found = await opened.get("north", "a/b")
    assert made == found
    assert ("x/y", {"k": "v"}) == (found.record.content_type, found.record.metadata)


async def test_a_file_of_somebody_else(opened: Store, folder: Path) -> None:
    """A file that was there before is an object; its digests are worked out when they are asked for."""
    (folder / "old").write_bytes(b"123456789")
    assert not (await opened.get("north", "old")).record.has_digests
    assert "4waSgw==" == (await opened.get("north", "old", digests=True)).record.crc32c
    assert "4waSgw==" == (await opened.get("north", "old")).record.crc32c
    (folder / "old").write_bytes(b"other")
    assert not (await opened.get("north", "old")).record.has_digests


async def test_conditions(opened: Store) -> None:
    """A precondition that does not hold changes nothing."""
    made = await put(opened, "a", b"1", conditions=Conditions(generation=0))
    for wrong in (
        Conditions(generation=0),
        Conditions(generation=1),
        Conditions(not_generation=made.file.generation),
        Conditions(etag="other"),
        Conditions(metageneration=9),
    ):
        with pytest.raises(ReasonedError) as caught:
            await put(opened, "a", b"2", conditions=wrong)
        assert 412 == caught.value.status
    assert 1 == (await opened.get("north", "a")).file.size
    await put(opened, "a", b"22", conditions=Conditions(generation=made.file.generation, etag=made.etag))
    with pytest.raises(ReasonedError):
        await opened.remove("north", "a", Conditions(generation=made.file.generation))


async def test_wrong_digest(opened: Store, folder: Path) -> None:
    """Octets with another digest than was sent are not stored, and nothing is left of them."""
    for resource in ({"md5Hash": "x"}, {"crc32c": "AAAAAA=="}):
        with pytest.raises(ReasonedError, match="do not have the"):
            await put(opened, "a", b"1", resource)
    assert [] == list(folder.iterdir())


async def test_change_metadata(opened: Store) -> None:
    """The metadata of an object change without its content."""
    made = await put(opened, "a", b"1", {"metadata": {"k": "v"}})
    changed = await opened.change("north", "a", {"metadata": {"l": "w"}}, Conditions())
    assert (made.file, 2) == (changed.file, changed.record.metageneration)
    assert {"k": "v", "l": "w"} == (await opened.get("north", "a")).record.metadata
    assert made.etag != changed.etag


async def test_buckets(opened: Store) -> None:
    """A bucket is made once, and removed when it is empty; a folder that was named stays."""
    await opened.create_bucket("south")
    assert ["north", "south"] == await opened.names()
    with pytest.raises(ReasonedError):
        await opened.create_bucket("south")
    await opened.remove_bucket("south")
    assert ["north"] == await opened.names()
    with pytest.raises(ReasonedError, match="stays"):
        await opened.remove_bucket("north")
    with pytest.raises(ReasonedError) as caught:
        await opened.page("south", Asked())
    assert 404 == caught.value.status


async def test_leftovers(opened: Store, folder: Path) -> None:
    """Old unfinished files are removed, young ones stay; files of others stay."""
    part = await opened.begin("north")
    (folder / ".x.part").write_bytes(b"")
    opened.remove_leftovers(part.stat().st_mtime - 1)
    assert part.exists()
    opened.remove_leftovers(part.stat().st_mtime + 1)
    assert not part.exists()
    assert (folder / ".x.part").exists()
