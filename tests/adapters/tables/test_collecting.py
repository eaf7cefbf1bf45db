"""What waits is done together, and nobody waits for ever."""

import asyncio
from collections.abc import Sequence

from adapters.tables.collecting import STOPPED, Collector, Waiting
from gateway.contract.outcome import Outcome, Stored, Unavailable
from tests.adapters.tables.messages import message


async def test_together() -> None:
    """What comes at once is one batch, up to the most; what is forgotten is told so."""
    sizes = []

    async def settle(batch: Sequence[Waiting]) -> None:
        sizes.append(len(batch))
        for each in batch[1:]:
            each.settle(Stored())

    collector = Collector(0.01, 3, settle)
    collector.start()
    outcomes = await asyncio.gather(*(collector.done((), message(b"")) for _ in range(5)))
    await collector.stop()
    assert [3, 2] == sizes
    assert [STOPPED, Stored(), Stored(), STOPPED, Stored()] == outcomes


async def test_stop() -> None:
    """At the end everybody is told."""

    async def settle(_: Sequence[Waiting]) -> None:
        await asyncio.Event().wait()

    collector = Collector(0, 1, settle)
    collector.start()
    waiting: list[asyncio.Task[Outcome]] = [asyncio.create_task(collector.done((), message(b""))) for _ in range(3)]
    await asyncio.sleep(0)
    await collector.stop()
    assert [STOPPED] * 3 == await asyncio.gather(*waiting)


async def test_failure() -> None:
    """After a fault the next batch is done as ever."""
    faults = [ValueError("SECRET")]

    async def settle(batch: Sequence[Waiting]) -> None:
        if faults:
            raise faults.pop()
        batch[0].settle(Stored())

    collector = Collector(0, 1, settle)
    collector.start()
    first = await collector.done((), message(b""))
    assert Unavailable("the row cannot be written: ValueError", maybe_stored=True) == first
    assert Stored() == await collector.done((), message(b""))
    await collector.stop()


async def test_gone() -> None:
    """A sender that does not wait any more is no harm."""
    given = asyncio.Event()

    async def settle(batch: Sequence[Waiting]) -> None:
        await given.wait()
        batch[0].settle(Stored())

    collector = Collector(0, 1, settle)
    collector.start()
    waiting = asyncio.create_task(collector.done((), message(b"")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    given.set()
    assert Stored() == await collector.done((), message(b""))
    await collector.stop()
