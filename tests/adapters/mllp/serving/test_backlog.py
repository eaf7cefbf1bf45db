"""What waits, what is in hand, and how much that is."""

import pytest

from adapters.mllp.serving.backlog import MOST_QUEUED, MOST_QUEUED_OCTETS, Backlog


def test_one_block() -> None:
    """A block counts while it waits, while it is in hand, and no longer once it is answered."""
    backlog = Backlog()
    backlog.add(b"block", 1.5)
    assert (1, 5) == (len(backlog), backlog.octets)
    assert (b"block", 1.5, b"") == backlog.take()
    assert (0, 5) == (len(backlog), backlog.octets)
    backlog.answered()
    assert 0 == backlog.octets


def test_what_was_dropped_before() -> None:
    """The beginning of what was dropped before a block counts with it."""
    backlog = Backlog()
    backlog.add(b"block", 1.5, b"before")
    assert 11 == backlog.octets
    assert (b"block", 1.5, b"before") == backlog.take()
    assert 11 == backlog.octets


def test_in_order() -> None:
    """Blocks come out as they came in."""
    backlog = Backlog()
    for number in range(5):
        backlog.add(b"%d" % number, 0.0)
    assert [b"%d" % number for number in range(5)] == [backlog.take()[0] for _ in range(5)]


@pytest.mark.parametrize(
    ("count", "size", "plenty"),
    [
        (MOST_QUEUED - 1, 1, False),
        (MOST_QUEUED, 1, True),
        (1, MOST_QUEUED_OCTETS - 1, False),
        (1, MOST_QUEUED_OCTETS, True),
    ],
)
def test_plenty(count: int, size: int, plenty: bool) -> None:
    """Enough is many blocks, or large ones; the one in hand is not among them."""
    backlog = Backlog()
    backlog.add(bytes(MOST_QUEUED_OCTETS), 0.0)
    backlog.take()
    for _ in range(count):
        backlog.add(bytes(size), 0.0)
    assert plenty == backlog.has_plenty


def test_drop() -> None:
    """What waits can be let go, the one in hand stays."""
    backlog = Backlog()
    backlog.add(b"in hand", 0.0)
    backlog.add(b"waits", 0.0)
    backlog.take()
    backlog.drop()
    assert (0, 7) == (len(backlog), backlog.octets)
