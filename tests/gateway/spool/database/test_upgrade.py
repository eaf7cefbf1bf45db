"""A spool that an older Hilum wrote is brought up to date, with all that it holds."""

import hashlib
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Delivered, Entry, Plan, Selection, Spool, SpoolSettings, State, open_for_operator, open_spool
from gateway.spool.care.accept import accept_all
from gateway.spool.care.repair import repair_all
from gateway.spool.folders import SET_ASIDE, write_mark
from gateway.spool.ordering import identity
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain, Seal
from tests.gateway.spool.spools import KEY, SETTINGS, FakeClock, commit, folder_of, make_message, payload

TABLES_1, TABLES_2 = ((Path(__file__).parent / "old" / f"version_{n}.sql").read_text() for n in (1, 2))
NOW = 1_700_000_000.0
OLD = [
    # control ID, payload, state, front
    ("C1", b"delivered", 2, 0),
    ("C2", b"first", 0, 1),
    ("C2", b"second", 0, 1),
    ("C3", b"parked", 1, 0),
    ("", b"waits", 0, 1),
]
DAMAGED = 2
"""Which of them has a header that was changed on the disk."""


def write_version_1(data_dir: Path, damaged: int | None = None) -> None:
    """Make a spool as Hilum wrote it whose tables had version 1, holding OLD without a key."""
    folder = data_dir / "spool" / "0123456789ab"
    (folder / "bodies").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "spool.db", isolation_level=None)) as database:
        database.executescript(f"PRAGMA journal_mode = WAL; {TABLES_1} PRAGMA user_version = 1;")
        database.execute("INSERT INTO spool VALUES (?, 0, ?, ?)", (bytes(32), NOW, sum(len(each[1]) for each in OLD)))
        database.execute("INSERT INTO destinations VALUES (1, 'store')")
        for number, (control_id, data, state, head) in enumerate(OLD, 1):
            fields = f"m{number}", {"listener": "adt"}, {"control_id": control_id} if control_id else {}, None
            header = json.dumps(fields).encode()
            check = zlib.crc32(header) + (number == damaged)
            digest = hashlib.sha256(data).digest()
            row = (number, "adt", header, check, len(data), digest, b"t" * 16, NOW, NOW, NOW if state == 2 else None)
            database.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            database.execute("INSERT INTO payloads VALUES (?, 0, ?, NULL)", (number, data))
            values = number, 1, None, state, state == 0, head, None, 0, None, None, len(data)
            database.execute("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


async def claimed(spool: Spool) -> dict[bytes, Entry]:
    """Claim all that is ready; return the entries by their payloads."""
    return {await payload(entry): entry for entry in await spool.claim("store", 9)}


def plan(control_id: str) -> Plan:
    """Return the plan of a message like those in OLD."""
    message = make_message(listener="adt")
    known = identity(type(message)("m", message.body, message.facts, {"control_id": control_id} if control_id else {}))
    return Plan(("store",), None, known.text, 3600.0, known.by_content)


async def test_messages_are_intact_and_in_order(tmp_path: Path) -> None:
    """What waited is delivered, those of one identity one after another; what was settled stays so."""
    write_version_1(tmp_path)
    async with open_spool(tmp_path, SETTINGS, clock=FakeClock(NOW + 60)) as spool:
        first = await claimed(spool)
        assert {b"first", b"waits"} == set(first)
        for entry in first.values():
            assert await spool.settle(entry, Delivered())
        second = await claimed(spool)
        assert {b"second"} == set(second)
        records = (await spool.find(Selection(), newest=True)).records[::-1]
    assert ["m1", "m2", "m3", "m4", "m5"] == [record.message_id for record in records]
    assert [State.DELIVERED, State.PARKED] == [records[0].state, records[3].state]


SENT_AGAIN = {
    "delivered": ("C1", b"delivered", True),
    "the last of its identity": ("C2", b"second", True),
    "not the last of its identity": ("C2", b"first", False),
    "parked": ("C3", b"parked", False),
    "without a control ID": ("", b"waits", True),
}


@pytest.mark.parametrize(("control_id", "data", "duplicate"), SENT_AGAIN.values(), ids=SENT_AGAIN)
async def test_what_came_before_is_recognised(tmp_path: Path, control_id: str, data: bytes, duplicate: bool) -> None:
    """A message that the older Hilum took is known when it is sent again."""
    write_version_1(tmp_path)
    async with open_spool(tmp_path, SETTINGS, clock=FakeClock(NOW + 60)) as spool:
        assert duplicate == (await commit(spool, data, plan=plan(control_id))).duplicate


async def test_a_damaged_message_does_not_hinder(tmp_path: Path) -> None:
    """A message whose header was changed is handed out as damaged, as before, and hinders nothing."""
    write_version_1(tmp_path, damaged=DAMAGED)
    async with open_spool(tmp_path, SETTINGS, clock=FakeClock(NOW + 60)) as spool:
        entries = await spool.claim("store", 9)
        assert [False, True, True] == [await spool.intact(entry) for entry in entries]


async def test_only_the_owner_upgrades(tmp_path: Path) -> None:
    """An operator's command leaves a spool alone that an older gateway may be running on, and says what to do."""
    write_version_1(tmp_path)
    with pytest.raises(ConfigError, match="older Hilum; start the gateway"):
        async with open_for_operator(tmp_path, SETTINGS):
            pass
    async with open_spool(tmp_path, SETTINGS), open_for_operator(tmp_path, SETTINGS) as operations:
        assert 5 == sum(total.count for total in await operations.totals())


def write_version_2(data_dir: Path, seal: Seal, plain: tuple[int, ...] = ()) -> None:
    """Make a spool as Hilum wrote it whose tables had version 2, holding OLD; those in *plain* without the key."""
    folder = data_dir / "spool" / "0123456789ab"
    (folder / "bodies").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "spool.db", isolation_level=None)) as database:
        database.executescript(f"PRAGMA journal_mode = WAL; {TABLES_2} PRAGMA user_version = 2;")
        secret = sealed(seal, bytes(32))
        check = zlib.crc32(secret + (b"1" if seal.encrypted else b"0"))
        held = sum(len(each[1]) for each in OLD)
        database.execute("INSERT INTO spool VALUES (?, ?, ?, ?, ?, ?)", (secret, seal.encrypted, NOW, NOW, held, check))
        database.execute("INSERT INTO destinations VALUES (1, 'store')")
        for number, (control_id, data, state, head) in enumerate(OLD, 1):
            own = Plain() if number in plain else seal
            fields = f"m{number}", {"listener": "adt"}, {"control_id": control_id} if control_id else {}, None
            header = json.dumps(fields).encode()
            digest = own.fingerprint(hashlib.sha256(data).digest())
            row = number, "adt", header, zlib.crc32(header), len(data), digest, NOW, NOW, NOW if state == 2 else None
            database.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            if state != 2:
                database.execute(
                    "INSERT INTO payloads VALUES (?, ?, ?, NULL)", (number, own.encrypted, sealed(own, data))
                )
            values = number, 1, None, state, state == 0, head, None, 0, None, None, len(data), None
            database.execute("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def sealed(seal: Seal, data: bytes) -> bytes:
    """Return what version 2 wrote for *data*."""
    header = seal.new_header()
    return header + bytes(seal.cipher(header).seal(data, 0, True))


WAITING = {b"first", b"second", b"waits"}


@pytest.fixture
def with_key(tmp_path: Path) -> SpoolSettings:
    """Return settings with a key."""
    (tmp_path / "key").write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": tmp_path / "key"})


@pytest.mark.parametrize("plain", [(), (2, 4)], ids=["all sealed", "some from before the key"])
async def test_sealed_by_version_2(tmp_path: Path, with_key: SpoolSettings, plain: tuple[int, ...]) -> None:
    """What version 2 took with a key is delivered, now and at every later start, and what was parked can be."""
    write_version_2(tmp_path, Encrypted(KEY), plain)
    for _ in range(2):
        async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)) as spool:
            assert set(await claimed(spool)) == WAITING
    async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)) as spool:
        assert 1 == await spool.retry(Selection(state=State.PARKED))
        assert {*WAITING, b"parked"} == set(await claimed(spool))


async def test_plain_of_version_2(tmp_path: Path) -> None:
    """Without a key version 2 is read as it is."""
    write_version_2(tmp_path, Plain())
    async with open_spool(tmp_path, SETTINGS, clock=FakeClock(NOW + 60)) as spool:
        assert set(await claimed(spool)) == WAITING


async def test_nothing_is_taken_after_the_upgrade(tmp_path: Path, with_key: SpoolSettings) -> None:
    """A row of version 2 is vouched for once: what is put there afterwards is damaged."""
    write_version_2(tmp_path, Encrypted(KEY), plain=(2,))
    async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)):
        pass
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as database:
        database.execute("UPDATE payloads SET data = x'6669727374' WHERE message = 5")
        digest = hashlib.sha256(b"first").digest()
        database.execute("UPDATE payloads SET encrypted = 0 WHERE message = 5")
        database.execute("UPDATE messages SET size = 5, digest = ? WHERE seq = 5", (digest,))
    async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)) as spool:
        assert [True, True, False] == [await spool.intact(entry) for entry in await spool.claim("store", 9)]


@pytest.mark.parametrize("version", [1, 2])
async def test_a_key_comes_with_the_upgrade(tmp_path: Path, with_key: SpoolSettings, version: int) -> None:
    """A plain spool of an older Hilum needs somebody who vouches for it, as one of this Hilum does."""
    write_version_1(tmp_path) if version == 1 else write_version_2(tmp_path, Plain())
    with pytest.raises(ConfigError, match="hilum spool accept"):
        async with open_spool(tmp_path, with_key):
            pass
    assert [("0123456789ab", 4)] == [(each.name, each.deliveries) for each in accept_all(tmp_path, Encrypted(KEY))]
    async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)) as spool:
        entries = await spool.claim("store", 9)
        assert all([await spool.intact(entry) for entry in entries])


async def test_repair_of_version_2(tmp_path: Path, with_key: SpoolSettings) -> None:
    """What is saved of a sealed spool of version 2 is delivered."""
    write_version_2(tmp_path, Encrypted(KEY))
    write_mark(folder_of(tmp_path) / SET_ASIDE, "damaged")
    (repaired,) = repair_all(tmp_path, Encrypted(KEY), ["store"])
    assert ([], []) == (repaired.saved.parked, repaired.saved.lost)
    async with open_spool(tmp_path, with_key, clock=FakeClock(NOW + 60)) as spool:
        assert set(await claimed(spool)) == WAITING


@pytest.mark.parametrize("seal", [Plain(), Encrypted(KEY)], ids=["plain", "sealed"])
@pytest.mark.parametrize("damage", ["UPDATE spool SET secret_sum = secret_sum + 1", "DELETE FROM spool"])
async def test_repair_of_version_2_without_its_secret(
    tmp_path: Path, with_key: SpoolSettings, seal: Seal, damage: str
) -> None:
    """If the secret that proves an older spool's origin is damaged, the operator can vouch for what is saved."""
    write_version_2(tmp_path, seal)
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as database:
        database.execute(damage)
    await repair_and_accept(tmp_path, with_key)


async def test_repair_of_version_1_with_a_key(tmp_path: Path, with_key: SpoolSettings) -> None:
    """A spool of version 1 had no check of its secret: its operator can vouch for what is saved of it."""
    write_version_1(tmp_path)
    await repair_and_accept(tmp_path, with_key)


async def repair_and_accept(data_dir: Path, with_key: SpoolSettings) -> None:
    """Repair the only spool, vouch for what was saved, and expect all that waits to be intact."""
    write_mark(folder_of(data_dir) / SET_ASIDE, "damaged")
    (repaired,) = repair_all(data_dir, Encrypted(KEY), ["store"])
    assert [repaired.new] == [each.name for each in accept_all(data_dir, Encrypted(KEY))]
    async with open_spool(data_dir, with_key, clock=FakeClock(NOW + 60)) as spool:
        assert set(await claimed(spool)) >= WAITING
