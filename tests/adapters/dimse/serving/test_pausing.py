"""When a peer is not read, and what is reported of it."""

import asyncio
from dataclasses import dataclass

from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.pausing import Pausing
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.watch import Watch
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.meter import Pause
from tests.adapters.dimse.fakes import RecordingMeter, until
from tests.adapters.dimse.transports import FakeTransport


@dataclass
class EachTakes:
    """A rate limit that asks each message to wait so many seconds."""

    seconds: float

    def take(self, peer: str, now: float) -> float:
        """Return the same each time."""
        return self.seconds


class Case:
    """The pauses of a peer, and what they lead to."""

    def __init__(self) -> None:
        self.transport, self.meter, self.watch = (
            FakeTransport(),
            RecordingMeter(),
            Watch(DimseListenerSettings(port=0), 0),
        )
        self.gate = Gate(self.transport)
        self.went_on = 0
        self.pausing = Pausing(self.gate, self.watch, Report("modalities", ("127.0.0.1", 1), self.meter), self.go_on)

    def go_on(self) -> None:
        """Count."""
        self.went_on += 1


async def test_told_once() -> None:
    """A pause is counted when it begins, not when it is asked for again."""
    case = Case()
    for hold in (Hold.STORE, Hold.STORE, Hold.MEMORY):
        case.pausing.hold(hold)
    assert ([Pause.STORE, Pause.MEMORY], ["pause"]) == (case.meter.pauses, case.transport.told)


async def test_release() -> None:
    """After each pause the time limits of the peer start again, and queued requests may go on."""
    case = Case()
    case.pausing.hold(Hold.STORE)
    case.pausing.release(Hold.STORE)
    assert (["pause", "resume"], 1) == (case.transport.told, case.went_on)
    assert 0 < case.watch.active_at <= asyncio.get_running_loop().time()


async def test_no_limit_in_reach() -> None:
    """A peer within its rate limit is read on."""
    case = Case()
    case.pausing.slow_down(EachTakes(0), "127.0.0.1")
    assert ([], []) == (case.transport.told, case.meter.pauses)


async def test_rate() -> None:
    """A peer above its rate limit is read on when the limit allows its next message."""
    case = Case()
    case.pausing.slow_down(EachTakes(0.01), "127.0.0.1")
    assert (True, [Pause.RATE]) == (case.gate.is_held(Hold.RATE), case.meter.pauses)
    await until(lambda: not case.gate.is_held(Hold.RATE), 60)
    assert 1 == case.went_on


async def test_cancel() -> None:
    """When the peer is gone, its timer is cancelled; there may be none."""
    case, passed = Case(), asyncio.Event()
    case.pausing.cancel()
    case.pausing.slow_down(EachTakes(0.01), "127.0.0.1")
    case.pausing.cancel()
    asyncio.get_running_loop().call_later(0.03, passed.set)
    await passed.wait()
    assert case.gate.is_held(Hold.RATE)
