"""Vouching for what was committed before there was a key."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import SpoolSettings, open_spool
from gateway.spool.care.accept import accept_all
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import KEY, LARGE, SETTINGS, commit, folder_of, payload

SEAL = Encrypted(KEY)


@pytest.fixture
def with_key(tmp_path: Path) -> SpoolSettings:
    """Return settings with a key."""
    (tmp_path / "key").write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": tmp_path / "key"})


async def fill(data_dir: Path) -> None:
    """Commit two messages without a key, one of them large."""
    async with open_spool(data_dir, SETTINGS) as spool:
        await commit(spool, b"small")
        await commit(spool, LARGE)


async def test_accepted(tmp_path: Path, with_key: SpoolSettings) -> None:
    """What waits is delivered then; what comes is sealed."""
    await fill(tmp_path)
    assert [2] == [each.deliveries for each in accept_all(tmp_path, SEAL)]
    async with open_spool(tmp_path, with_key) as spool:
        await commit(spool, b"new, with the key")
        assert [b"small", LARGE, b"new, with the key"] == [
            await payload(each) for each in await spool.claim("store", 9)
        ]
    assert not any(b"new, with the key" in path.read_bytes() for path in folder_of(tmp_path).glob("spool.db*"))


async def test_twice(tmp_path: Path) -> None:
    """A spool that has a key is left alone: nothing that came there later is vouched for."""
    await fill(tmp_path)
    assert [[folder_of(tmp_path).name], []] == [[each.name for each in accept_all(tmp_path, SEAL)] for _ in range(2)]


async def test_no_key(tmp_path: Path) -> None:
    """Without a key there is nothing to vouch with."""
    with pytest.raises(ConfigError, match="key_file: is not set"):
        list(accept_all(tmp_path, Plain()))


async def test_in_use(tmp_path: Path) -> None:
    """A gateway that runs without the key would go on writing without it."""
    async with open_spool(tmp_path, SETTINGS):
        with pytest.raises(ConfigError, match="stop the gateway"):
            list(accept_all(tmp_path, SEAL))


DAMAGES = {
    "no database": lambda path: path.write_bytes(b"no database at all, but long enough to be looked at" * 100),
    "no secret": lambda path: _execute(path, "DELETE FROM spool"),
}


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_damaged(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """A spool that cannot be read is for ``hilum spool repair``."""
    await fill(tmp_path)
    damage(folder_of(tmp_path) / "spool.db")
    with pytest.raises(ConfigError, match="hilum spool repair"):
        list(accept_all(tmp_path, SEAL))
