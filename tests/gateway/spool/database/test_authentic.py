"""With a key nothing is delivered that is not, in all that decides what goes where, what was committed."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import PayloadDamaged, Plan, Selection, Spool, SpoolSettings, open_for_operator, open_spool
from gateway.spool.care.verify import verify
from gateway.spool.database.authentic import authenticate, carry_over, is_authentic
from gateway.spool.payloads.encrypted import Encrypted
from tests.gateway.spool.spools import KEY, LARGE, SETTINGS, commit, folder_of, payload

PAYLOADS = {1: b"one", 2: b"two", 3: LARGE, 4: LARGE[::-1]}
"""By number, what waits for the store; number 5 waits for another one."""
SEAL = Encrypted(KEY)


@pytest.fixture
def settings(tmp_path: Path) -> SpoolSettings:
    """Return settings with a key."""
    (tmp_path / "key").write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": tmp_path / "key"})


@contextmanager
def changing(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of the only spool as somebody who knows how it is made, but not the key."""
    with closing(sqlite3.connect(folder_of(data_dir) / "spool.db", isolation_level=None)) as connection:
        connection.create_function("crc", 1, zlib.crc32)
        connection.create_function("sha256", 1, lambda data: hashlib.sha256(data).digest())
        yield connection


async def fill(data_dir: Path, settings: SpoolSettings) -> None:
    """Commit PAYLOADS, each with an ordering key of its own, and a fifth message that shares nothing with them."""
    async with open_spool(data_dir, settings) as spool:
        for number, data in PAYLOADS.items():
            await commit(spool, data, f"m{number}", Plan(("store",), f"k{number}", f"i{number}", 60.0))
        await commit(spool, b"five", "m5", Plan(("other",), "k5", "i5", 60.0))


async def intact(spool: Spool) -> dict[int, bool]:
    """Claim all that is ready for the store; return by number whether it is what was committed, and hold that it is."""
    found: dict[int, bool] = {}
    for entry in await spool.claim("store", 100):
        number = int(entry.entry_id.split("-")[1])
        if found.setdefault(number, await spool.intact(entry)):
            assert (f"m{number}", PAYLOADS[number]) == (entry.message.message_id, await payload(entry))
        else:
            with pytest.raises(PayloadDamaged):
                await payload(entry)
    return found


SWAP = """
CREATE TEMP TABLE m AS SELECT * FROM messages WHERE seq IN ({0}, {1});
CREATE TEMP TABLE p AS SELECT * FROM payloads WHERE message IN ({0}, {1});
"""
SWAP_PAYLOADS = """
UPDATE messages SET (size, digest) = (SELECT size, digest FROM m WHERE m.seq = {0} + {1} - messages.seq)
WHERE seq IN ({0}, {1});
UPDATE payloads SET file = NULL, data = NULL WHERE message IN ({0}, {1});
UPDATE payloads SET (data, file) = (SELECT data, file FROM p WHERE p.message = {0} + {1} - payloads.message)
WHERE message IN ({0}, {1});
"""
COPY = """
INSERT INTO messages SELECT 9, {0} FROM messages WHERE seq = 1;
INSERT INTO payloads SELECT 9, {1} FROM payloads WHERE message = 1;
INSERT INTO deliveries SELECT 9, destination, x'09', 0, 1, 1, NULL, 0, NULL, NULL, size, NULL, tag
FROM deliveries WHERE message = 1;
"""
REST = "header_sum, size, digest, received_at, committed_at, NULL"
PLAIN = "UPDATE messages SET digest = sha256(x'616263'), size = 3 WHERE seq = {0}; "
HEADER = """
UPDATE messages SET header = CAST(replace(CAST(header AS TEXT), 'C-m1', 'C-m9') AS BLOB) WHERE seq = 1;
UPDATE messages SET header_sum = crc(header) WHERE seq = 1;
"""
TAMPERING = {
    "small payloads swapped": ((SWAP + SWAP_PAYLOADS).format(1, 2), {1, 2}),
    "large payloads swapped": ((SWAP + SWAP_PAYLOADS).format(3, 4), {3, 4}),
    "a large one for a small one": ((SWAP + SWAP_PAYLOADS).format(1, 3), {1, 3}),
    "headers swapped": (
        SWAP.format(1, 2)
        + "UPDATE messages SET (header, header_sum) = (SELECT header, header_sum FROM m WHERE m.seq = 3 - messages.seq)"
        " WHERE seq IN (1, 2)",
        {1, 2},
    ),
    "a header changed": (
        HEADER,
        {1},
    ),
    "a plain payload": (
        PLAIN.format(1) + "UPDATE payloads SET encrypted = 0, data = x'616263' WHERE message = 1",
        {1},
    ),
    "a plain payload for a file": (
        PLAIN.format(3) + "UPDATE payloads SET encrypted = 0, data = x'616263', file = NULL WHERE message = 3",
        {3},
    ),
    "a copy under another number": (COPY.format(f"listener, header, {REST}", "encrypted, data, file"), {9}),
    "a plain message slipped in": (
        COPY.format(f"listener, header, {REST.replace('digest', 'sha256(data)')}", "0, x'616263', NULL").replace(
            "sha256(data)", "sha256(x'616263')"
        ),
        {9},
    ),
    "another destination": ("UPDATE deliveries SET destination = 1 WHERE message = 5", {5}),
    "names of destinations swapped": (
        "UPDATE destinations SET name = 'x' WHERE id = 1; UPDATE destinations SET name = 'store' WHERE id = 2",
        {5},
    ),
    "another listener": ("UPDATE messages SET listener = 'x' WHERE seq = 2", {2}),
    "another lane": ("UPDATE deliveries SET lane = x'00' WHERE message = 2", {2}),
    "another identity": ("UPDATE deliveries SET name = x'00' WHERE message = 2", {2}),
    "no identity": ("UPDATE deliveries SET name = NULL WHERE message = 2", {2}),
    "another time": ("UPDATE messages SET received_at = received_at + 1 WHERE seq = 2", {2}),
    "another order": ("UPDATE messages SET committed_at = committed_at - 1 WHERE seq = 2", {2}),
    "no tag": ("UPDATE deliveries SET tag = NULL WHERE message = 1", {1}),
    "a tag that is none": ("UPDATE deliveries SET tag = 'x' WHERE message = 1", {1}),
    "the tag of another": (
        "UPDATE deliveries SET tag = (SELECT tag FROM deliveries WHERE message = 2) WHERE message = 1",
        {1},
    ),
    "nothing": ("", set()),
}


@pytest.mark.parametrize(("change", "damaged"), TAMPERING.values(), ids=TAMPERING)
async def test_tampering(tmp_path: Path, settings: SpoolSettings, change: str, damaged: set[int]) -> None:
    """Nothing is delivered that somebody without the key wrote to the files; the rest goes on, and verify tells."""
    await fill(tmp_path, settings)
    with changing(tmp_path) as connection:
        connection.executescript(change)
    problems = verify(folder_of(tmp_path), SEAL).problems
    assert damaged <= {int(each.split()[1].strip(":")) for each in problems if each.startswith("message ")}
    async with open_spool(tmp_path, settings) as spool:
        found = await intact(spool)
        assert damaged == {number for number, is_intact in found.items() if not is_intact}
        async with open_for_operator(tmp_path, settings) as operations:
            for record in (await operations.find(Selection(destination="store"))).records:
                if int(record.entry_id.split("-")[1]) in damaged:
                    body = await operations.open_body(record.entry_id)
                    assert body is not None
                    with pytest.raises(PayloadDamaged):
                        _ = [chunk async for chunk in body.chunks()]


async def test_the_destination_that_asks(tmp_path: Path, settings: SpoolSettings) -> None:
    """A delivery is for the destination of that name: an index that names another one cannot redirect it."""
    await fill(tmp_path, settings)
    with changing(tmp_path) as connection:
        asked = [is_authentic(connection.execute, (1, 1), SEAL, name) for name in ("store", None, "other")]
    assert [True, True, False] == asked


async def test_moved_by_an_operator(tmp_path: Path, settings: SpoolSettings) -> None:
    """A delivery that was given to another destination is vouched for if it was authentic before, and only then."""
    await fill(tmp_path, settings)
    with changing(tmp_path) as connection:
        connection.execute("UPDATE deliveries SET lane = x'00' WHERE message = 2")
        for number in (1, 2):
            connection.execute(
                "INSERT INTO deliveries SELECT message, 2, lane, state, queued, front, due, attempts, reason,"
                " settled_at, size, name, NULL FROM deliveries WHERE message = ?",
                (number,),
            )
            carry_over(connection.execute, (number, 1), (number, 2), SEAL)
        found = [is_authentic(connection.execute, (number, 2), SEAL, "other") for number in (1, 2)]
        authenticate(connection.execute, (99, 1), SEAL)  # it has gone meanwhile
    assert [True, False] == found


async def test_without_a_key(tmp_path: Path) -> None:
    """Without a key nothing is authenticated, and everything is delivered."""
    await fill(tmp_path, SETTINGS)
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert dict.fromkeys(PAYLOADS, True) == await intact(spool)


BACK = "ALTER TABLE deliveries DROP COLUMN tag; PRAGMA user_version = 2"


async def test_no_way_back(tmp_path: Path, settings: SpoolSettings) -> None:
    """A spool cannot be made one of version 2, whose deliveries are taken as they are."""
    await fill(tmp_path, settings)
    with changing(tmp_path) as connection:
        connection.executescript(BACK)
    with pytest.raises(ConfigError, match=r"spool\.key_file: holds another key"):
        async with open_spool(tmp_path, settings):
            pass


async def test_a_plain_spool(tmp_path: Path, settings: SpoolSettings) -> None:
    """With a key, a spool with messages that was never given it is not opened: anyone may have put it there."""
    await fill(tmp_path, SETTINGS)
    for opening in (open_spool, open_for_operator):
        with pytest.raises(ConfigError, match="hilum spool accept"):
            async with opening(tmp_path, settings):
                pass


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN])
def test_a_fault_that_passes_makes_no_delivery_damaged(code: int) -> None:
    """What cannot be read at this moment is read later: it is not parked as damaged, nor moved without its tag."""

    def execute(_sql: str, _values: object = ()) -> sqlite3.Cursor:
        error = sqlite3.OperationalError("not now")
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(sqlite3.OperationalError):
        is_authentic(execute, (1, 1), SEAL)
