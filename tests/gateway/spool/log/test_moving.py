"""From the log into the database."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.spool.database.schema import connect, prepare
from gateway.spool.database.statements import RESTORE_FRONTS
from gateway.spool.log.moving import GROUP, known_identities, move
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, Delivery
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.log.logs import committed, delivered


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database with two destinations."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    connection.execute("INSERT INTO destinations (id, name) VALUES (1, 'store'), (2, 'other')")
    yield connection
    connection.close()


TWO = (Delivery(1, "store", b"t" * 16), Delivery(2, "other", None))


def test_as_it_stands(database: sqlite3.Connection) -> None:
    """What has ended has a record and no payload; what waits has its payload, and of two destinations one is done."""
    messages = [(committed(5, b"A"), {1: delivered(5)}), (committed(7, b"BB", deliveries=TWO), {2: delivered(7, 2)})]
    move(database, messages)
    assert [(5, 4.5), (7, None)] == database.execute("SELECT seq, ended_at FROM messages").fetchall()
    assert [(7, b"BB", None)] == database.execute("SELECT message, data, file FROM payloads").fetchall()
    rows = "SELECT message, destination, state, queued, front, attempts, settled_at, tag FROM deliveries"
    assert [
        (5, 1, 2, 0, 0, 1, 3.5, None),
        (7, 1, 0, 1, 1, 0, None, b"t" * 16),
        (7, 2, 2, 0, 0, 1, 3.5, None),
    ] == database.execute(rows).fetchall()
    assert (2,) == database.execute("SELECT held FROM spool").fetchone()
    assert (7,) == database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").fetchone()


def test_queues(database: sqlite3.Connection) -> None:
    """Of each key one is first: of those that are moved together, and of those that were there before."""
    move(
        database,
        [(committed(seq, ordering_key=key), {}) for seq, key in enumerate([b"a", b"b", b"a", None], start=1)],
    )
    move(
        database,
        [(committed(seq, ordering_key=key), {}) for seq, key in enumerate([b"a", b"c", b"c"], start=5)],
    )
    assert [1, 2, 4, 6] == [seq for (seq,) in database.execute("SELECT message FROM deliveries WHERE front = 1")]
    assert 0 == database.execute(RESTORE_FRONTS).rowcount  # nobody else is first


@pytest.mark.parametrize("count", [0, 1, GROUP - 1, GROUP, 3 * GROUP + 5])
def test_many(database: sqlite3.Connection, count: int) -> None:
    """However many there are, all of them are there, each with its own."""
    messages: list[tuple[CommittedRecord, dict[int, DeliveredRecord]]] = [
        (committed(seq, str(seq).encode(), name=b"n%d" % seq), {1: delivered(seq)} if seq % 3 else {})
        for seq in range(1, count + 1)
    ]
    move(database, messages)
    found = database.execute(
        "SELECT m.seq, d.name, d.state FROM messages m JOIN deliveries d ON d.message = m.seq ORDER BY m.seq"
    )
    assert [(seq, b"n%d" % seq, 2 if seq % 3 else 0) for seq in range(1, count + 1)] == found.fetchall()


def test_known_identities(database: sqlite3.Connection) -> None:
    """Those are known of which the destination has had a message; another one's count for nothing."""
    move(database, [(committed(seq, name=b"n%d" % seq), {1: delivered(seq)}) for seq in range(1, 100)])
    wanted = {(number, b"n%d" % seq) for number in (1, 2) for seq in range(90, 190)}
    assert {(1, b"n%d" % seq) for seq in range(90, 100)} == known_identities(database, wanted)
    assert set() == known_identities(database, set())
