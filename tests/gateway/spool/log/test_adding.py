"""Taking messages into the log's window."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.spool.database.ledger import NewMessage
from gateway.spool.database.recognition import Wanted
from gateway.spool.database.schema import connect, prepare
from gateway.spool.interface import State
from gateway.spool.log.adding import Adding
from gateway.spool.log.moving import move
from gateway.spool.log.window import Window
from gateway.spool.log.works import Append
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.log.logs import committed, delivered
from tests.gateway.spool.spools import make_message

NAME = b"n" * 16


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    yield connection
    connection.close()


@pytest.fixture
def window() -> Window:
    """Return a window that holds nothing."""
    return Window()


@pytest.fixture
def adding(database: sqlite3.Connection, window: Window) -> Adding:
    """Return what knows the destination ``store``."""
    adding = Adding(database, Plain(), window)
    adding.know(adding.give_numbers(["store"]))
    return adding


def work(digest: bytes = b"A", *destinations: str) -> Append:
    """Return the work of adding a message that may be known."""
    wanted = Wanted(NAME, digest, 100.0, 60.0)
    to = destinations or ("store",)
    new = NewMessage(make_message(), to, None, NAME, 1.0, 5, digest, False, b"MSH|1", None, "spool", wanted)
    return Append(new, 100.0)


def test_new(adding: Adding, window: Window) -> None:
    """It has a number after all others, and its destinations'."""
    added, new = adding.add_all([work()])
    assert ("spool-1", False, [1]) == (added[0].spool_id, added[0].duplicate, [each.record.seq for each in window])
    assert [(1, "store")] == [(each.number, each.name) for each in new[0].record.deliveries]


def test_known_here_and_there(adding: Adding, window: Window, database: sqlite3.Connection) -> None:
    """A duplicate is known of the window and of the database; of the same identity the later one counts."""
    move(database, [(committed(3, name=NAME, digest=b"A", committed_at=90.0), {1: delivered(3)})])
    adding.forget_number()
    (known,), _ = adding.add_all([work(b"A")])
    assert ("spool-3", True, State.DELIVERED) == (known.spool_id, known.duplicate, known.earlier["store"].state)
    added, _ = adding.add_all([work(b"B"), work(b"B"), work(b"A")])
    assert [("spool-4", False), ("spool-4", True), ("spool-5", False)] == [(a.spool_id, a.duplicate) for a in added]
    window.forget([5])
    move(database, [(committed(5, name=NAME, digest=b"A", committed_at=90.0), {1: delivered(5)})])
    (again,), _ = adding.add_all([work(b"A")])
    assert ("spool-5", True) == (again.spool_id, again.duplicate)


def test_unknown_destinations(adding: Adding) -> None:
    """They are told, and have numbers in the database afterwards; these are used once that is committed."""
    assert ["other"] == adding.unknown([work(b"A", "store", "other")])
    numbers = adding.give_numbers(["other"])
    assert ["other"] == adding.unknown([work(b"A", "store", "other")])
    adding.know(numbers)
    assert [] == adding.unknown([work(b"A", "store", "other")])


def test_all_or_nothing(adding: Adding, window: Window) -> None:
    """Where one of them cannot be added none is."""
    bad = replace(work(), new=replace(work().new, destinations=("unknown",), wanted=None))
    with pytest.raises(KeyError):
        adding.add_all([work(), bad])
    assert 0 == len(window)
