"""Destinations that fail are probed while nothing is sent to them."""

import asyncio

import pytest

from gateway.contract.body import WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable
from gateway.observing import probing
from gateway.observing.destination_record import DestinationRecord
from gateway.observing.probing import Prober

DOWN = Unavailable("connection refused", diagnosis=Diagnosis(Cause.CONNECTION_REFUSED))


class Store:
    """A store that answers probes with *answer*."""

    def __init__(self) -> None:
        self.answer: str | None = "no"
        self.hangs = False
        self.probes = 0

    async def probe(self) -> str | None:
        """Answer, or hang."""
        self.probes += 1
        if self.hangs:
            await asyncio.Event().wait()
        return self.answer


class Bench:
    """One store, its record and the prober, with a clock of their own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.store = Store()
        self.record = DestinationRecord(wall=lambda: self.now)
        self.prober = Prober({"a": self.store}, {"a": self.record}, lambda: self.now)

    def fail(self) -> None:
        """Have a message fail."""
        self.record.answered(Message("m", WholeBody(b""), {}, {}), DOWN)

    async def look(self, after: float) -> int:
        """Look after so many seconds; return how often the store was probed so far."""
        self.now += after
        await self.prober.look()
        return self.store.probes


async def test_only_what_fails() -> None:
    """A destination that works is never probed."""
    assert await Bench().look(100) == 0


async def test_until_it_answers() -> None:
    """It is probed about every 15 s, until it answers."""
    bench = Bench()
    bench.fail()
    assert await bench.look(5) == 0
    assert await bench.look(10) == 1
    assert await bench.look(5) == 1
    assert await bench.look(10) == 2
    assert bench.record.failing is not None
    bench.store.answer = None
    assert await bench.look(15) == 3
    assert bench.record.seen()["failing"] is None
    assert await bench.look(15) == 3


async def test_not_while_messages_show_it() -> None:
    """A destination that messages are sent to is not probed."""
    bench = Bench()
    for _ in range(4):
        bench.fail()
        assert await bench.look(10) == 0


async def test_clock_set_back() -> None:
    """A clock that was set back does not stop the probes for ever."""
    bench = Bench()
    bench.fail()
    assert await bench.look(-3600) == 1


async def test_probe_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that hangs is given up."""
    monkeypatch.setattr(probing, "PROBE_SECONDS", 0.01)
    bench = Bench()
    bench.fail()
    bench.store.hangs = True
    assert await bench.look(15) == 1
    assert bench.record.failing is not None


async def test_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on until it is cancelled."""
    monkeypatch.setattr(probing, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(probing, "QUIET_SECONDS", 0.0)
    bench = Bench()
    bench.fail()
    task = asyncio.create_task(bench.prober.run())
    while bench.store.probes < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
