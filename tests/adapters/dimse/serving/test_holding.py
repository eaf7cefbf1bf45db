"""What one association holds in memory, and when its peer is paused."""

from collections.abc import Callable
from typing import cast

from adapters.dimse.body import FRAGMENT_COST
from adapters.dimse.protocol.backlog import Backlog
from adapters.dimse.protocol.events import Fragment
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.holding import Holding
from adapters.dimse.serving.pausing import Pausing
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.watch import Watch
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.limits import SharedLimits
from tests.adapters.dimse.fakes import RecordingMeter, until
from tests.adapters.dimse.transports import FakeTransport

EARLY = Fragment(3, False, False, memoryview(bytes(100)))
COST = 100 + FRAGMENT_COST


class Limits:
    """The one account of a process."""

    is_waiting = False
    held = 0

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> "Limits":
        """Return itself."""
        self.pause, self.resume = pause, resume
        return self

    def update(self, held: int) -> None:
        """Remember."""
        self.held = held


class Case:
    """What an association holds."""

    def __init__(self, *, is_limited: bool = True) -> None:
        self.limits, self.backlog, self.reader = Limits(), Backlog(), PduReader(1000)
        self.gate = Gate(FakeTransport())
        self.reads = 0
        report = Report("modalities", ("127.0.0.1", 1), RecordingMeter())
        pausing = Pausing(self.gate, Watch(DimseListenerSettings(port=0), 0), report, lambda: None)
        limits = cast("SharedLimits", self.limits) if is_limited else None
        self.holding = Holding(limits, self.backlog, self.reader, pausing, self.read)

    def read(self) -> None:
        """Count."""
        self.reads += 1


async def test_account() -> None:
    """The instance, the queued requests and the octets that are not parsed yet count together."""
    case = Case()
    case.holding.instance_holds(50)
    assert 50 == case.limits.held
    case.backlog.add(EARLY)
    case.reader.receive_data(b"\4\0\0")
    case.holding.weigh(1000)
    assert 50 + COST + 3 == case.limits.held


async def test_without_limits() -> None:
    """Without a limit of the process the bound of the association still holds."""
    case = Case(is_limited=False)
    case.backlog.add(EARLY)
    case.holding.weigh(100)
    assert case.gate.is_held(Hold.QUEUE)


async def test_memory() -> None:
    """The limit of the process stops and restarts the reading."""
    case = Case()
    case.limits.pause()
    assert case.gate.is_held(Hold.MEMORY)
    case.limits.resume()
    assert not case.gate.is_closed


async def test_bound() -> None:
    """A peer waits when it has sent too much without its answers, until half of that is taken."""
    case = Case()
    held = []
    for is_added in [True] * 4 + [False] * 4:
        if is_added:
            case.backlog.add(EARLY)
        else:
            case.backlog.take()
        case.holding.weigh(3 * COST)
        held.append(case.gate.is_held(Hold.QUEUE))
    assert [False, False, False, True, True, True, False, False] == held
    await until(lambda: case.reads == 1, 60)


async def test_nothing_new() -> None:
    """Figures that have not changed are not reported again."""
    case = Case()
    case.backlog.add(EARLY)
    case.holding.weigh(1000)
    case.limits.held = -1
    case.holding.weigh(1000)
    assert -1 == case.limits.held
