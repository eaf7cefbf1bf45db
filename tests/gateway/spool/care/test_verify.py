"""Reading a spool through."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Delivered, Parked, Plan, open_spool
from gateway.spool.care.verify import verify
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_upgrade import DAMAGED, write_version_1
from tests.gateway.spool.spools import KEY, LARGE, SETTINGS, body_files, claim_one, commit, folder_of


async def fill(data_dir: Path) -> Path:
    """Leave a small and a large message, one parked and one delivered; return the spool's folder."""
    async with open_spool(data_dir, SETTINGS) as spool:
        for end in (Delivered(), Parked("no")):
            await commit(spool)
            await spool.settle(await claim_one(spool), end)
        for data in (b"small", LARGE):
            await commit(spool, data, plan=Plan(("store",), "k"))
    return folder_of(data_dir)


async def test_a_whole_spool(tmp_path: Path) -> None:
    """Nothing is wrong with a spool that nobody has harmed."""
    found = verify(await fill(tmp_path), Plain())
    assert (4, 3, []) == (found.messages, found.payloads, found.problems)


async def test_beside_its_owner(tmp_path: Path) -> None:
    """It may be read while its owner uses it."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, LARGE)
        assert [] == verify(folder_of(tmp_path), Plain()).problems


def by_sql(statement: str) -> Callable[[Path], None]:
    """Return what harms a spool by a statement."""

    def harm(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "spool.db", isolation_level=None)) as connection:
            connection.execute(statement)

    return harm


def flip(folder: Path) -> None:
    """Change an octet of the payload file."""
    (path,) = body_files(folder.parent.parent)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def overwrite(folder: Path) -> None:
    """Leave no database at all."""
    (folder / "spool.db").write_bytes(b"none" * 999)


HARMS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "a payload": (by_sql("UPDATE payloads SET data = x'00' WHERE message = 3"), ["message 3: its payload is damaged"]),
    "a payload file": (flip, ["message 4: its payload is damaged"]),
    "a header": (by_sql("UPDATE messages SET header = x'00' WHERE seq = 1"), ["message 1: its header is damaged"]),
    "no payload": (
        by_sql("DELETE FROM payloads WHERE message = 3"),
        [
            "message 3: has no payload and has not ended",
            "the octets held are not those of the payloads",
            "a message without a payload waits or is parked",
        ],
    ),
    "a sum": (
        by_sql("UPDATE totals SET count = 9"),
        ["the sums by destination and state are not those of the messages"],
    ),
    "an ordering key": (
        by_sql("UPDATE deliveries SET front = 0"),
        ["the first waiting message of an ordering key or identity is not marked as ready"],
    ),
    "the secret": (
        by_sql("UPDATE spool SET secret = x'00'"),
        ["the database cannot be read: the secret of the spool is damaged"],
    ),
    "all": (
        overwrite,
        ["the database cannot be read: SQLITE_NOTADB"],
    ),
}


@pytest.mark.parametrize(("harm", "problems"), HARMS.values(), ids=HARMS)
async def test_problems(tmp_path: Path, harm: Callable[[Path], None], problems: list[str]) -> None:
    """Each kind of damage is told, by the number of the message and without a word of it."""
    folder = await fill(tmp_path)
    harm(folder)
    assert problems == verify(folder, Plain()).problems


def test_an_older_version(tmp_path: Path) -> None:
    """A spool that an older Hilum wrote and that is whole is called older, and not damaged."""
    write_version_1(tmp_path)
    found = verify(folder_of(tmp_path), Plain())
    assert (5, True, []) == (found.messages, found.is_older, found.problems)


def test_damage_in_an_older_version(tmp_path: Path) -> None:
    """Its damage is told as well."""
    write_version_1(tmp_path, damaged=DAMAGED)
    assert [f"message {DAMAGED}: its header is damaged"] == verify(folder_of(tmp_path), Plain()).problems


async def test_without_the_key(tmp_path: Path) -> None:
    """Of an encrypted spool nothing can be told without its key, and it is not called damaged."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    async with open_spool(tmp_path, SETTINGS.model_copy(update={"key_file": key})) as spool:
        await commit(spool, LARGE)
    with pytest.raises(ConfigError, match="key_file"):
        verify(folder_of(tmp_path), Plain())
    assert [] == verify(folder_of(tmp_path), Encrypted(KEY)).problems
