"""Who is first of the queues in the log and in the database."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.spool.database.schema import connect, prepare
from gateway.spool.log.heads import Heads, Offered
from gateway.spool.log.moving import move
from gateway.spool.log.window import Item, Window
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.log.logs import committed
from tests.gateway.spool.spools import make_message


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database in which a message of the key ``a`` waits."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    connection.execute("INSERT INTO destinations (id, name) VALUES (1, 'store')")
    move(connection, [(committed(1, ordering_key=b"a"), {})])
    yield connection
    connection.close()


def seqs(offered: Offered) -> list[int]:
    """Return the numbers of the messages."""
    return [head.key[0] for _, head in offered]


def test_what_the_database_holds_up(database: sqlite3.Connection) -> None:
    """It is offered once nothing before it waits there any more; what has no key, or another one, at once."""
    window = Window()
    heads = Heads(database, window)
    items = [
        Item(committed(seq, ordering_key=key), make_message(), 0.0)
        for seq, key in enumerate([b"a", b"a", b"b", None], 2)
    ]
    for item in items:
        window.add(item)
    offered = heads.offer([(item, item.record.deliveries[0]) for item in items])
    assert [4, 5] == seqs(offered)
    assert {"store"} == {name for name, _ in offered}
    queues = heads.queues_of([(1, 1), (99, 1)])
    assert ({(1, b"a")}, []) == (queues, heads.free(queues))
    database.execute("UPDATE deliveries SET state = 2, queued = 0, front = 0")
    assert [] == heads.free([(1, b"b"), (2, b"a")])
    assert ([2], []) == (seqs(heads.free(queues)), heads.free(queues))
    assert set() == heads.queues_of([(1, 1)])  # nobody waits behind it any more


def test_what_is_in_the_database_meanwhile(database: sqlite3.Connection) -> None:
    """It is not offered any more: it is claimed there."""
    window = Window()
    heads = Heads(database, window)
    item = Item(committed(2, ordering_key=b"a"), make_message(), 0.0)
    window.add(item)
    head = item, item.record.deliveries[0]
    assert [] == heads.offer([head])
    heads.forget((2, 1))
    window.forget([2])
    database.execute("DELETE FROM deliveries")
    assert ([], []) == (heads.free([(1, b"a")]), heads.offer([head]))
