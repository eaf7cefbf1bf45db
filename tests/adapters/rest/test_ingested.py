"""The names of what Hilum has ingested."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.rest.ingested import IngestedNames


async def test_known_elsewhere(tmp_path: Path) -> None:
    """What one process has ingested another one knows soon, and after a restart."""
    destination, listener = IngestedNames(tmp_path, "store"), IngestedNames(tmp_path, "store")
    destination.add("a")
    async with asyncio.timeout(30):
        while await listener.known(["a", "b"]) != {"a"}:
            await asyncio.sleep(0.01)
    destination.add("c")
    await destination.close()
    assert {"a", "c"} == await listener.known(["a", "b", "c"])
    await listener.close()


async def test_known_at_once(tmp_path: Path) -> None:
    """The process that has ingested a message knows it at once."""
    names = IngestedNames(tmp_path, "store")
    names.add("a")
    assert {"a"} == await names.known(["a", "b"])
    await names.close()


async def test_other_store(tmp_path: Path) -> None:
    """Names of another store are not known."""
    one, other = IngestedNames(tmp_path, "one"), IngestedNames(tmp_path, "other")
    one.add("a")
    await one.close()
    assert set() == await other.known(["a"])
    await other.close()


async def test_no_disk(tmp_path: Path) -> None:
    """Without a disk nothing fails: it is logged, and this process still knows what it has ingested."""
    (tmp_path / "ingested").write_text("a file in the place of the folder")
    names = IngestedNames(tmp_path, "store")
    with capture_logs() as logs:
        names.add("a")
        assert {"a"} == await names.known(["a", "b"])
        assert {"b"} == await names.expect(["b"])
        assert {"b"} == await names.known(["b"])
        await names.forget(["b"])
        assert set() == await names.known(["b"])
        await names.close()
    assert {"ledger_failed"} == {each["event"] for each in logs}


async def test_expected(tmp_path: Path) -> None:
    """What is about to be sent is known elsewhere at once; only what was new is told, and it can be forgotten."""
    destination, listener = IngestedNames(tmp_path, "store"), IngestedNames(tmp_path, "store")
    assert {"a"} == await destination.expect(["a"])
    assert {"b"} == await destination.expect(["a", "b"])
    assert {"a", "b"} == await listener.known(["a", "b"])
    await destination.forget(["b"])
    assert {"a"} == await listener.known(["a", "b"])
    await asyncio.gather(*(destination.expect([f"{number}"]) for number in range(50)))
    assert 50 == len(await listener.known([f"{number}" for number in range(50)]))
    await destination.close()
    await listener.close()


async def test_close_during_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that comes while others are being written is on the disk after the end."""
    names, write = IngestedNames(tmp_path, "store"), IngestedNames._write
    loop = asyncio.get_running_loop()

    def add_meanwhile(self: IngestedNames, some: list[str]) -> None:
        if "b" not in some:
            loop.call_soon_threadsafe(self.add, "b")
        write(self, some)

    monkeypatch.setattr(IngestedNames, "_write", add_meanwhile)
    names.add("a")
    await names.close()
    other = IngestedNames(tmp_path, "store")
    assert {"a", "b"} == await other.known(["a", "b"])
    await other.close()
