"""Opening spools."""

import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.errors import ConfigError
from gateway.spool import Delivered, Plan, Selection, SpoolSettings, open_for_operator, open_spool
from gateway.spool.database import store
from gateway.spool.folders import WorkerIndex, existing_folders
from tests.gateway.spool.database.test_upgrade import write_version_1
from tests.gateway.spool.spools import (
    KEY,
    LARGE,
    SETTINGS,
    FakeClock,
    body_files,
    claim_one,
    commit,
    files_in,
    folder_of,
    payload,
)

SECRET = b"PID|1||4711"


@pytest.fixture
def sealed(tmp_path: Path) -> SpoolSettings:
    """Return settings with a key."""
    path = tmp_path / "key"
    path.write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": path})


async def test_a_restart_goes_on(tmp_path: Path) -> None:
    """Whatever was not settled is handed out again, in order, without anyone's help."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        for number in range(3):
            await commit(spool, LARGE, str(number))
        await spool.settle((await spool.claim("store", 2))[0], Delivered())
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert ["1", "2"] == [entry.message.message_id for entry in await spool.claim("store", 9)]


@pytest.mark.parametrize("data", [SECRET, SECRET * 100], ids=["small", "large"])
async def test_encrypted(tmp_path: Path, sealed: SpoolSettings, data: bytes) -> None:
    """With a key no payload can be read in the files; with the same key it comes back."""
    async with open_spool(tmp_path, sealed) as spool:
        await commit(spool, data)
        content = [path.read_bytes() for path in folder_of(tmp_path).rglob("*") if path.is_file()]
        assert not any(SECRET in each for each in content)
    async with open_spool(tmp_path, sealed) as spool:
        entry = await claim_one(spool)
        assert await spool.intact(entry)
        assert data == await payload(entry)


async def test_wrong_key(tmp_path: Path, sealed: SpoolSettings) -> None:
    """Without the key the spool does not open, and says so."""
    async with open_spool(tmp_path, sealed):
        pass
    with pytest.raises(ConfigError, match="key_file"):
        async with open_spool(tmp_path, SETTINGS):
            pass


async def test_a_key_for_a_spool_in_which_nothing_waits(tmp_path: Path, sealed: SpoolSettings) -> None:
    """A spool may be given a key once all that was committed without it is delivered or discarded."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, LARGE, "plain")
    with pytest.raises(ConfigError, match="hilum spool accept"):
        async with open_spool(tmp_path, sealed):
            pass
    async with open_spool(tmp_path, SETTINGS) as spool:
        await spool.discard(Selection(), "useless")
    async with open_spool(tmp_path, sealed) as spool:
        await commit(spool, LARGE, "sealed")
        assert [LARGE] == [await payload(entry) for entry in await spool.claim("store", 9)]
        assert [] == [path for path in body_files(tmp_path) if path.read_bytes() == LARGE]


async def test_an_empty_adopted_spool_goes(tmp_path: Path, clock: FakeClock) -> None:
    """The spool of a worker that is no more is removed once its last record is."""
    one_of_two, other_of_two = (open_spool(tmp_path, SETTINGS, WorkerIndex(number, 2), clock) for number in (1, 2))
    async with one_of_two as one, other_of_two as other:
        for spool in (one, other):
            await commit(spool)
            await spool.discard(Selection(), "useless")
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        clock.now += 8 * 86400
        assert 2 == await spool.purge()
    async with open_spool(tmp_path, SETTINGS, clock=clock):
        assert 1 == len(existing_folders(tmp_path))


async def test_unusable_folder(tmp_path: Path) -> None:
    """A data directory that cannot be used is named."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"data_dir: .*file"):
        async with open_spool(tmp_path / "file", SETTINGS):
            pass


async def test_an_operator_makes_nothing(tmp_path: Path) -> None:
    """Looking at a data directory without a spool finds nothing and leaves it as it is."""
    async with open_for_operator(tmp_path, SETTINGS) as operations:
        assert [] == await operations.totals()
    assert [] == files_in(tmp_path)


async def test_a_spool_of_an_older_version_is_left_out(tmp_path: Path) -> None:
    """A supervisor starts beside a predecessor of an older version that drains, and sees its spool once it can."""
    write_version_1(tmp_path)
    with capture_logs() as logs:
        async with open_for_operator(tmp_path, SETTINGS, leave_out=True) as operations:
            assert [] == await operations.totals()
            async with open_spool(tmp_path, SETTINGS) as owner:
                assert 0 < len((await owner.find(Selection())).records)
                assert await owner.totals() == await operations.totals()
    assert ["spool_left_out"] == [each["event"] for each in logs]


async def test_the_command_line_leaves_out_nothing(tmp_path: Path) -> None:
    """A single request fails if a spool cannot be opened, rather than show only a part of what waits."""
    write_version_1(tmp_path)
    with pytest.raises(ConfigError, match="older Hilum"):
        async with open_for_operator(tmp_path, SETTINGS):
            pass


async def test_an_operator_with_a_wrong_key(tmp_path: Path, sealed: SpoolSettings) -> None:
    """A spool whose key does not fit is an error, also where others would be left out."""
    async with open_spool(tmp_path, sealed):
        pass
    with pytest.raises(ConfigError, match="key_file"):
        async with open_for_operator(tmp_path, SETTINGS, leave_out=True):
            pass


async def test_an_operator_after_the_clock_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's command makes no message older: the owner alone knows how much time has passed."""
    wall = FakeClock(time.time())
    monkeypatch.setattr(store, "elapsed_of", lambda _: time.monotonic)  # nobody can set that
    async with open_spool(tmp_path, SETTINGS, clock=wall) as spool:
        await commit(spool, LARGE, "old", Plan(("store", "other")))
        wall.now += 3 * 86400
        async with open_for_operator(tmp_path, SETTINGS, wall) as operations:
            assert 1 == await operations.discard(Selection(destination="other"), "useless")
        await commit(spool, LARGE, "new")
    async with open_spool(tmp_path, SETTINGS, clock=wall) as spool:
        assert [True, True] == [entry.age < 3600 for entry in await spool.claim("store", 9)]


async def test_the_clock_was_set_before_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of the clock after the last message is not taken for time that passed while the gateway was down."""
    wall = FakeClock(time.time())
    monkeypatch.setattr(store, "elapsed_of", lambda _: time.monotonic)
    async with open_spool(tmp_path, SETTINGS, clock=wall) as spool:
        await commit(spool)
        wall.now += 3 * 86400
    async with open_spool(tmp_path, SETTINGS, clock=wall) as spool:
        assert (await claim_one(spool)).age < 3600
