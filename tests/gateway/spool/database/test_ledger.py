"""What is written to the database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import Delivered, Parked, RetryLater
from gateway.spool.database.ledger import Ledger, NewMessage, Settled, existing_files
from gateway.spool.database.schema import connect, prepare
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import make_message

OF_KEY = b"L" * 16


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database."""
    with closing(connect(tmp_path / "spool.db", 1024)) as opened:
        prepare(opened, Plain())
        yield opened


@pytest.fixture
def ledger(connection: sqlite3.Connection) -> Ledger:
    """Return the write side of a new database."""
    return Ledger(connection)


def new(
    ordering_key: bytes | None = OF_KEY,
    destinations: tuple[str, ...] = ("a",),
    file: str | None = None,
    name: bytes | None = None,
) -> NewMessage:
    """Return a message of three octets."""
    data = None if file else b"abc"
    return NewMessage(make_message(), destinations, ordering_key, name, 5.0, 3, b"d" * 32, False, data, file)


def heads(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return the deliveries that may be claimed."""
    return connection.execute("SELECT message, destination FROM deliveries WHERE front = 1 ORDER BY 1, 2").fetchall()


def test_one_front_in_a_lane(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """Only the first message of an ordering key may be claimed, per destination; without a key all may be."""
    for ordering_key, destinations in [(OF_KEY, ("a", "b")), (OF_KEY, ("a",)), (None, ("a",)), (None, ("a",))]:
        ledger.add(new(ordering_key, destinations), 0.0)
    assert [(1, 1), (1, 2), (3, 1), (4, 1)] == heads(connection)


def test_first_in_both_lanes(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """A message may be claimed once no other is before it, neither under its key nor under its identity."""
    for ordering_key, name in [(b"k1", b"n1"), (b"k2", b"n1"), (b"k2", b"n2"), (None, b"n2"), (b"k1", None)]:
        ledger.add(new(ordering_key, name=name), 0.0)
    found = [heads(connection)]
    while head := found[-1]:
        ledger.settle(head[0], Delivered(), 0.0, 0.0)
        found.append(heads(connection))
    assert [[(1, 1)], [(2, 1), (5, 1)], [(3, 1), (5, 1)], [(4, 1), (5, 1)], [(5, 1)], []] == found


def test_a_parked_message_holds_its_key_alone(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """Behind a message that holds its key, one of its identity with another key goes on: it may be the correction."""
    for ordering_key in (b"k1", b"k1", b"k2"):
        ledger.add(new(ordering_key, name=b"n"), 0.0)
    ledger.settle((1, 1), Parked("no", hold_key=True), 0.0, 0.0)
    assert [] == heads(connection)  # the second waits for the first, the third for the second
    ledger.discard((2, 1), "useless", 0.0, 0.0)
    assert [(3, 1)] == heads(connection)


def test_a_retried_message_is_before_others_of_its_name(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """What was parked goes before later messages of its identity, also those of other ordering keys."""
    for ordering_key in (b"k1", b"k2"):
        ledger.add(new(ordering_key, name=b"n"), 0.0)
    ledger.settle((1, 1), Parked("no"), 0.0, 0.0)
    assert [(2, 1)] == heads(connection)
    assert ledger.retry((1, 1))
    assert [(1, 1)] == heads(connection)


NEXT = {
    "delivered": (Delivered(), [(2, 1)]),
    "again": (RetryLater("down", 5.0), [(1, 1)]),
    "parked": (Parked("no"), [(2, 1)]),
    "parked, holding": (Parked("no", hold_key=True), []),
}


@pytest.mark.parametrize(("settlement", "expected"), NEXT.values(), ids=NEXT)
def test_who_is_next(
    ledger: Ledger,
    connection: sqlite3.Connection,
    settlement: Delivered | RetryLater | Parked,
    expected: list[tuple[int, int]],
) -> None:
    """What a settlement means for those behind it with the same ordering key."""
    ledger.add(new(), 0.0)
    ledger.add(new(), 0.0)
    assert ledger.settle((1, 1), settlement, 0.0, 0.0).done
    assert expected == heads(connection)


def test_a_retried_message_returns_to_its_place(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """A message that was parked goes before those that came after it."""
    for _ in range(3):
        ledger.add(new(), 0.0)
    ledger.settle((1, 1), Parked("no"), 0.0, 0.0)
    ledger.settle((2, 1), Parked("no"), 0.0, 0.0)
    assert [(3, 1)] == heads(connection)
    assert ledger.retry((2, 1))
    assert [(2, 1)] == heads(connection)
    assert ledger.retry((1, 1))
    assert [(1, 1)] == heads(connection)


def test_discarding_what_holds_a_lane(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """Those behind a parked message go on when it is given up."""
    ledger.add(new(), 0.0)
    ledger.add(new(), 0.0)
    ledger.settle((1, 1), Parked("no", hold_key=True), 0.0, 0.0)
    assert ledger.discard((1, 1), "useless", 0.0, 0.0).done
    assert [(2, 1)] == heads(connection)


def test_only_what_waits_is_settled(ledger: Ledger) -> None:
    """Nobody decides twice, and nobody decides about what is not there."""
    ledger.add(new(), 0.0)
    assert ledger.settle((1, 1), Delivered(), 0.0, 0.0).done
    undone = [
        ledger.settle((1, 1), Parked("no"), 0.0, 0.0),
        ledger.discard((1, 1), "no", 0.0, 0.0),
        ledger.settle((9, 9), Delivered(), 0.0, 0.0),
        ledger.discard((9, 9), "no", 0.0, 0.0),
    ]
    assert [Settled(done=False)] * 4 == undone
    assert (False, False) == (ledger.retry((1, 1)), ledger.retry((9, 9)))


def test_the_payload_goes_with_the_last_delivery(ledger: Ledger) -> None:
    """A payload for two destinations is kept until both have it or it was given up, and is counted once."""
    ledger.add(new(destinations=("a", "b"), file="f"), 0.0)
    assert 3 == ledger.held()
    assert Settled(True, None) == ledger.settle((1, 1), Delivered(), 0.0, 0.0)
    assert 3 == ledger.held()
    assert Settled(True, "f") == ledger.discard((1, 2), "useless", 0.0, 0.0)
    assert 0 == ledger.held()


def test_purge(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """Records go once they have ended long enough ago; what is parked stays; numbers are not used again."""
    for time in (1.0, 2.0, 3.0):
        seq = ledger.add(new(None), time).spool_id
        ledger.settle((int(seq[1:]), 1), Parked("no") if time == 2.0 else Delivered(), time, time)
    assert 1 == ledger.purge(3.0, 10)
    assert [(2,), (3,)] == connection.execute("SELECT message FROM deliveries").fetchall()
    assert 1 == ledger.purge(9.0, 10)
    assert "-4" == ledger.add(new(), 9.0).spool_id


def test_existing_files(ledger: Ledger, connection: sqlite3.Connection) -> None:
    """A file is needed while a payload is in it."""
    ledger.add(new(file="kept"), 0.0)
    assert {"kept"} == existing_files(connection, ["kept", "orphan"])
