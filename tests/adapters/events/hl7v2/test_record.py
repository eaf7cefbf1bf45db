"""What has been passed on, on the disk."""

import stat
from pathlib import Path

import pytest

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.record import Position, Record, RecordError
from gateway.contract.errors import ConfigError


async def test_goes_on(tmp_path: Path) -> None:
    """A new process goes on where the last one has kept; the start counts only for the first one."""
    record = Record(tmp_path, "from-cloud", "store")
    assert Position(100, {}, 100) == await record.load(100)
    await record.keep([Entry(150, "a"), Entry(160, "b")], 160, 0)
    await record.keep([Entry(170, "c")], 170, 155)
    await record.close()
    other = Record(tmp_path, "from-cloud", "store")
    assert Position(170, {"b": 160, "c": 170}, 100) == await other.load(999)
    await other.close()


async def test_apart(tmp_path: Path) -> None:
    """Another listener, or another store, has a record of its own, which others cannot read."""
    for name, store in (("one", "s"), ("one", "t"), ("two", "s")):
        record = Record(tmp_path, name, store)
        await record.load(0)
        await record.close()
    files = list((tmp_path / "sources").glob("*.sqlite3"))
    assert 3 == len(files)
    assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in files}


async def test_damaged(tmp_path: Path) -> None:
    """A damaged record is an error that names the file: starting anew would lose or repeat messages."""
    record = Record(tmp_path, "from-cloud", "store")
    await record.load(0)
    await record.close()
    (file,) = (tmp_path / "sources").glob("*.sqlite3")
    file.write_bytes(b"x" * 10_000)
    with pytest.raises(ConfigError) as caught:
        await Record(tmp_path, "from-cloud", "store").load(0)
    assert str(file) in str(caught.value)


async def test_cannot_be_written(tmp_path: Path) -> None:
    """What cannot be written is an error of its own, after which it can be tried again."""
    (tmp_path / "sources").write_text("a file in the place of the folder")
    with pytest.raises(RecordError):
        await Record(tmp_path, "from-cloud", "store").keep([Entry(1, "a")], 1, 0)


async def test_names_that_are_not_near(tmp_path: Path) -> None:
    """Names from long before the watermark are not in memory, and still known."""
    record = Record(tmp_path, "from-cloud", "store", near=10)
    assert None is await record.load(None)
    await record.load(0)
    await record.keep([Entry(150, "a"), Entry(300, "b")], 300, 0)
    await record.close()
    assert Position(300, {"b": 300}, 0) == await record.load(None)
    assert {"a", "b"} == set(await record.known(["a", "b", "c"]))
    await record.close()
