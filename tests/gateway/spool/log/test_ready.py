"""What may be claimed of the log."""

from collections.abc import Iterable

import pytest

from gateway.spool.database.reading.rows import Header, QueueHead
from gateway.spool.log.ready import LOOK_SECONDS, News, Ready

HEADER = Header("m1", {}, {}, None)


def head(seq: int, ordering_key: bytes | None = None, number: int = 1) -> QueueHead:
    """Return a delivery."""
    return QueueHead((seq, number), (seq, ordering_key, None), 0, 0.0, 0.0, 5, HEADER, None)


@pytest.fixture
def woken() -> list[str]:
    """Return the destinations that were woken."""
    return []


@pytest.fixture
def ready(woken: list[str]) -> Ready:
    """Return what knows of nothing."""

    def wake(destinations: Iterable[str]) -> None:
        woken.extend(destinations)

    return Ready(wake)


def seqs(heads: Iterable[QueueHead]) -> list[int]:
    """Return the numbers of the messages."""
    return [each.key[0] for each in heads]


def test_in_order(ready: Ready, woken: list[str]) -> None:
    """What came first is handed out first, once, to its own destination."""
    ready.note(News([("store", head(1)), ("other", head(1, number=2)), ("store", head(2)), ("store", head(3))]))
    assert {"store", "other"} == set(woken)
    assert [[1, 2], [3], [], []] == [seqs(ready.take("store", 2, frozenset())) for _ in range(3)] + [
        list(ready.take("nowhere", 2, frozenset()))
    ]


def test_beside_what_is_busy(ready: Ready) -> None:
    """What shares its key or its number with something under way is left until that has ended."""
    ready.note(News([("store", head(1, b"a")), ("store", head(2)), ("store", head(3))]))
    assert [3] == seqs(ready.take("store", 9, frozenset({b"a", 2})))
    assert [1, 2] == seqs(ready.take("store", 9, frozenset()))


def test_given_back(ready: Ready) -> None:
    """What was taken and not settled may be taken again; what was settled may not."""
    ready.note(News([("store", head(1)), ("store", head(2))]))
    ready.take("store", 9, frozenset())
    ready.settled((1, 1))
    ready.give_back((1, 1))
    ready.give_back((2, 1))
    assert [2] == seqs(ready.take("store", 9, frozenset()))


def test_moved(ready: Ready, woken: list[str]) -> None:
    """What is in the database is claimed there and nowhere else, whether it was taken or not."""
    ready.note(News([("store", head(1)), ("store", head(2))]))
    ready.take("store", 1, frozenset())
    woken.clear()
    ready.note(News(moved=[("store", (1, 1)), ("store", (2, 1))]))
    assert ["store"] == woken
    ready.give_back((1, 1))
    assert () == ready.take("store", 9, frozenset())


def test_when_to_look_into_the_database(ready: Ready) -> None:
    """Where something waits each time; where nothing does now and then, for another process may have changed that."""
    assert ready.must_look("store", 0.0)
    ready.note(News(waiting=frozenset({"store"})))
    ready.looked("store", 0.0)
    assert ready.must_look("store", 0.0)
    ready.note(News(waiting=frozenset()))
    times = (0.0, LOOK_SECONDS / 2, LOOK_SECONDS)
    assert [False, False, True] == [ready.must_look("store", now) for now in times]
