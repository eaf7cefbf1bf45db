"""The data directory at each moment at which it changes: what a process that is killed just then would leave."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.spool import Delivered, Plan, RetryLater, Selection, SpoolSettings, State, open_spool
from gateway.spool.database.schema import note_log
from gateway.spool.log import emptying
from gateway.spool.log.files import RealDisk, kept_of
from gateway.spool.log.writer import LoggedWriter
from tests.gateway.spool.spools import LARGE, SETTINGS, claim_one, commit, folder_of, payload

PLAN = Plan(("store",), "patient", None)
CALLS = [(RealDisk, name) for name in ("create", "write", "sync", "sync_folder", "rename", "remove")]


class Moments:
    """Copies of a data directory, each with what had been acknowledged and delivered by then."""

    def __init__(self, data_dir: Path, copies: Path) -> None:
        self._data_dir, self._copies = data_dir, copies
        self.acknowledged: dict[str, bytes] = {}
        self.sent: set[str] = set()
        """To the destination."""
        self.taken: list[tuple[Path, dict[str, bytes], set[str]]] = []

    def take(self) -> None:
        """Copy all there is."""
        copy = self._copies / str(len(self.taken))
        shutil.copytree(self._data_dir, copy)
        self.taken.append((copy, dict(self.acknowledged), set(self.sent)))

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a call with a copy before and after it."""

        def called(*arguments: Any, **named: Any) -> Any:
            self.take()
            result = call(*arguments, **named)
            self.take()
            return result

        return called


@pytest.mark.slow
@pytest.mark.parametrize("key", [None, bytes(range(32))], ids=["plain", "encrypted"])
async def test_killed_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: bytes | None) -> None:
    """All that was acknowledged is there, whole, in order and once; what waits is what was not known as delivered."""
    data_dir, key_file = tmp_path / "data", tmp_path / "key"
    data_dir.mkdir()
    key_file.write_bytes(key or b"")
    settings = SETTINGS.model_copy(update={"key_file": key_file}) if key else SETTINGS
    moments = Moments(data_dir, tmp_path / "copies")
    await _live(moments, data_dir, settings, monkeypatch)
    assert len(moments.taken) > 60
    for copy, acknowledged, sent in moments.taken:
        await _check(copy, settings, acknowledged, sent)


async def _live(moments: Moments, data_dir: Path, settings: SpoolSettings, patch: pytest.MonkeyPatch) -> None:
    """Take, deliver, put off and move messages, some of them large."""
    async with open_spool(data_dir, settings) as spool:
        assert [] == await spool.claim("store", 9)
        for owner, name in CALLS:
            patch.setattr(owner, name, moments.around(getattr(owner, name)))
        patch.setattr(LoggedWriter, "_in_transaction", moments.around(LoggedWriter._in_transaction))
        patch.setattr("gateway.spool.log.emptying.note_log", moments.around(note_log))
        patch.setattr(emptying, "ENOUGH_ENDED", 2)
        for number in range(6):
            name, data = f"m{number}", LARGE if number == 2 else f"MSH|{number}".encode()
            await commit(spool, data, name, Plan(("store",), "other", None) if number == 3 else PLAN)
            moments.acknowledged[name] = data
            if number < 4:
                entry = await claim_one(spool)
                moments.sent.add(entry.message.message_id)
                await spool.settle(entry, RetryLater("away", 3600.0) if number == 3 else Delivered())
        await asyncio.sleep(2 * emptying.IDLE_SECONDS)  # what was delivered is moved
    moments.take()
    patch.undo()


async def _check(copy: Path, settings: SpoolSettings, acknowledged: dict[str, bytes], sent: set[str]) -> None:
    async with open_spool(copy, settings) as spool:
        assert [] == kept_of(folder_of(copy))
        records = (await spool.find(Selection())).records
        names = [record.message_id for record in records]
        assert len(set(names)) == len(names)
        assert acknowledged.keys() <= set(names)
        waiting = sorted(record.message_id for record in records if record.state is State.WAITING)
        assert set(names) - sent <= set(waiting)  # nothing counts as delivered that was not sent
        for entry in await spool.claim("store", 9):
            name = entry.message.message_id
            assert name == next(each for each in waiting if (each == "m3") == (name == "m3"))
            assert await spool.intact(entry)
            assert acknowledged.get(name, await payload(entry)) == await payload(entry)
