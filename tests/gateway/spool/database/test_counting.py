"""What spools hold is counted without opening them."""

from pathlib import Path

import pytest

from gateway.spool import Delivered, Parked, Plan, Spool, SpoolError, State, open_spool
from gateway.spool.database.counting import count
from tests.gateway.spool.database.test_upgrade import write_version_1
from tests.gateway.spool.spools import SETTINGS, FakeClock, claim_one, commit, files_in, folder_of


async def fill(spool: Spool) -> None:
    """Leave an entry in each of three states, for three destinations."""
    for name, end in (("a", Delivered()), ("b", Parked("no")), ("c", None)):
        await commit(spool, message_id=name, plan=Plan((name,)))
        if end is not None:
            await spool.settle(await claim_one(spool, name), end)


def counted(data_dir: Path) -> dict[tuple[str, str], int]:
    """Return what is counted that is not nothing."""
    return {(each.destination, str(each.state)): each.count for each in count(data_dir) if each.count}


async def test_beside_the_gateway(spool: Spool, tmp_path: Path) -> None:
    """What a running gateway holds is counted at once."""
    await fill(spool)
    assert {("a", "delivered"): 1, ("b", "parked"): 1, ("c", "waiting"): 1} == counted(tmp_path)


async def test_without_a_gateway(tmp_path: Path, clock: FakeClock) -> None:
    """What a stopped gateway has left is counted, and the gateway can be started afterwards."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        await fill(spool)
    before = (folder_of(tmp_path) / "spool.db").read_bytes()
    assert {("a", "delivered"): 1, ("b", "parked"): 1, ("c", "waiting"): 1} == counted(tmp_path)
    assert before == (folder_of(tmp_path) / "spool.db").read_bytes()
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        assert "c" == (await claim_one(spool, "c")).message.message_id


def test_nothing_there(tmp_path: Path) -> None:
    """Where nothing was ever spooled there is nothing, and nothing is made."""
    assert ([], []) == (count(tmp_path / "missing"), files_in(tmp_path))


def test_an_older_spool(tmp_path: Path) -> None:
    """The spool of an older Hilum is counted as it is."""
    write_version_1(tmp_path)
    assert 3 == counted(tmp_path)["store", State.WAITING]


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    """A spool that cannot be read is not taken for one in which nothing waits."""
    (tmp_path / "spool").write_text("not a folder: root may look into every folder")
    with pytest.raises(SpoolError, match=r"^the spool cannot be read: Not a directory; run this as the user of"):
        count(tmp_path)


async def test_a_database_that_is_none(tmp_path: Path, clock: FakeClock) -> None:
    """A spool that cannot be read is not taken for an empty one, unless it was set aside, which is told elsewhere."""
    async with open_spool(tmp_path, SETTINGS, clock=clock):
        pass
    folder = folder_of(tmp_path)
    (folder / "spool.db").write_bytes(b"no database" * 1000)
    with pytest.raises(SpoolError, match=r"^a spool cannot be read; see `hilum spool verify`$"):
        count(tmp_path)
    (folder / "set-aside").write_text("damaged")
    assert [] == count(tmp_path)
