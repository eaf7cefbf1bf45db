"""The queued blocks, the one being answered, and their size."""

import pytest

from adapters.mllp.serving.backlog import MOST_QUEUED, MOST_QUEUED_OCTETS, Backlog


def test_one_block() -> None:
    """A block counts while it is queued and while it is being answered, but not afterwards."""
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
    """Reading should pause at many blocks, or at large ones; the block being answered does not count."""
    backlog = Backlog()
    backlog.add(bytes(MOST_QUEUED_OCTETS), 0.0)
    backlog.take()
    for _ in range(count):
        backlog.add(bytes(size), 0.0)
    assert plenty == backlog.has_plenty


def test_drop() -> None:
    """The queued blocks can be dropped; the one being answered stays."""
    backlog = Backlog()
    backlog.add(b"in hand", 0.0)
    backlog.add(b"waits", 0.0)
    backlog.take()
    backlog.drop()
    assert (0, 7) == (len(backlog), backlog.octets)
