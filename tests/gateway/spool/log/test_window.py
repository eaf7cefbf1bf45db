"""What the log holds: queues, and who is first of them."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from gateway.spool.log.records import Delivery
from gateway.spool.log.window import Item, Window
from tests.gateway.spool.log.logs import committed, delivered
from tests.gateway.spool.spools import make_message

NAMES = st.none() | st.sampled_from([b"a", b"b"])
MESSAGES = st.tuples(NAMES, NAMES, st.sampled_from([(1,), (2,), (1, 2)]))
STEPS = st.lists(MESSAGES | st.integers(0, 99), max_size=40)


def item(
    seq: int, ordering_key: bytes | None = None, name: bytes | None = None, numbers: tuple[int, ...] = (1,)
) -> Item:
    """Return a message."""
    deliveries = tuple(Delivery(number, f"store {number}", None) for number in numbers)
    return Item(
        committed(seq, ordering_key=ordering_key, name=name and name.upper(), deliveries=deliveries),
        make_message(),
        0.0,
    )


def waiting(items: list[Item]) -> Iterator[tuple[Item, int]]:
    """Yield what waits, in order."""
    for each in items:
        for delivery in each.record.deliveries:
            if delivery.number in each.open:
                yield each, delivery.number


def shares(one: Item, other: Item) -> bool:
    """Tell whether two messages have a key or an identity in common."""
    pairs = zip((one.record.ordering_key, one.record.name), (other.record.ordering_key, other.record.name), strict=True)
    return any(each is not None and each == another for each, another in pairs)


def is_first(items: list[Item], item: Item, number: int) -> bool:
    """Tell by looking through all whether a message is first at a destination."""
    before = [each for each in items if each.record.seq < item.record.seq and number in each.open]
    return not any(shares(each, item) for each in before)


@given(STEPS)
def test_who_is_first(steps: list[tuple[bytes | None, bytes | None, tuple[int, ...]] | int]) -> None:
    """Whatever comes and goes: first is who has nobody before it, and who becomes first is told then."""
    window, items = Window(), list[Item]()
    for seq, step in enumerate(steps):
        if isinstance(step, tuple):
            items.append(item(seq, *step))
            window.add(items[-1])
        else:
            firsts = [pair for pair in waiting(items) if is_first(items, *pair)]
            if not firsts:
                continue
            one, number = firsts[step % len(firsts)]
            told = window.settle(one, delivered(one.record.seq, number))
            now = [pair for pair in waiting(items) if is_first(items, *pair)]
            assert [each for each in now if each not in firsts] == [(each, to.number) for each, to in told]
        for each, number in waiting(items):
            assert is_first(items, each, number) == window.is_first(each, number)
    assert sum(each.record.size for each in items if each.open) == window.held
    assert sum(not each.open for each in items) == window.count_of_ended == len(window.ended)
    assert (items[0] if items else None) is window.first
    window.forget([each.record.seq for each in items])
    assert (0, 0, 0, 0) == (len(window), window.held, window.count_of_ended, window.octets)


def test_the_last_of_an_identity() -> None:
    """It is known by destination, and not any more once it is in the database."""
    window = Window()
    for seq in (1, 2):
        window.add(item(seq, name=b"a"))
    assert window.get(2) is window.last(1, b"A")
    assert window.last(2, b"A") is None
    window.forget([2])
    assert window.last(1, b"A") is None


def test_what_is_not_in_the_log_after_all() -> None:
    """The one before it is the last again, and first if it was."""
    window = Window()
    first = item(1, ordering_key=b"l", name=b"a")
    window.add(first)
    window.add(item(2, ordering_key=b"l", name=b"a"))
    window.undo([2])
    assert ([first], first) == (list(window), window.last(1, b"A"))
    assert [] == window.settle(first, delivered(1))
