"""The queue between the event loop and the journal's thread."""

from gateway.journal.buffer import Buffer


def test_order() -> None:
    """What is taken comes in the order in which it was recorded, and once."""
    buffer = Buffer()
    for number in range(5):
        buffer.record((number,))
    assert [(number,) for number in range(5)] == buffer.take()
    assert [] == buffer.take()
    assert (0, 5) == (buffer.dropped, buffer.highest)


def test_full() -> None:
    """What does not fit is dropped and counted; when there is room again, the next fits."""
    buffer = Buffer(most=2)
    for number in range(5):
        buffer.record((number,))
    assert 3 == buffer.dropped
    assert [(0,), (1,)] == buffer.take()
    buffer.record((9,))
    buffer.drop(4)
    assert ([(9,)], 7) == (buffer.take(), buffer.dropped)
