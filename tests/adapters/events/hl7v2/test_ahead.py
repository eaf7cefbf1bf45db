"""Messages that are fetched before their turn comes."""

import asyncio

from adapters.events.getting import TOO_LARGE, Gone
from adapters.events.hl7v2.ahead import AHEAD, AHEAD_OCTETS, Ahead
from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Fetched
from gateway.contract.outcome import Unavailable

ENTRIES = [Entry(number, f"{number}") for number in range(40)]


class Store:
    """Gives messages; one with an odd number is large."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int | None]] = []

    async def fetch(self, entry: Entry, most: int | None) -> Fetched | Gone | Unavailable:
        """Return a message."""
        self.asked.append((entry.created, most))
        await asyncio.sleep(0)
        return TOO_LARGE if most is not None and entry.created % 2 else Fetched(entry.name.encode(), frozenset())


async def test_order_and_limits() -> None:
    """All come in their order; at most AHEAD are fetched ahead, and large ones only in their turn."""
    store = Store()
    ahead, got = Ahead(ENTRIES, store.fetch), list[tuple[str, bytes]]()
    while ahead:
        entry, fetch = ahead.next()
        found = await fetch
        assert isinstance(found, Fetched)
        got.append((entry.name, found.data))
        assert max(number for number, _ in store.asked) < len(got) + AHEAD
    assert [(each.name, each.name.encode()) for each in ENTRIES] == got
    assert [number for number, most in store.asked if most is None] == list(range(1, 40, 2))
    assert {AHEAD_OCTETS, None} == {most for _, most in store.asked}


async def test_drop() -> None:
    """What was fetched ahead is forgotten, and fetched again in its order."""
    store = Store()
    ahead = Ahead(ENTRIES, store.fetch)
    _, fetch = ahead.next()
    await fetch
    await ahead.drop()
    names = []
    while ahead:
        entry, fetch = ahead.next()
        await fetch
        names.append(entry.name)
    assert [each.name for each in ENTRIES[1:]] == names
    await ahead.drop()
