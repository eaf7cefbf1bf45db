"""The instance in progress: its delivery, its answer, and its end without one."""

import asyncio

import pytest
from structlog.testing import capture_logs

from adapters.dimse.instance import Instance
from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.protocol.backlog import Backlog
from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.events import Fragment
from adapters.dimse.protocol.exchange import Begin
from adapters.dimse.protocol.negotiation import Context
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.protocol.statuses import OUR_FAULT, Verdict
from adapters.dimse.service import Service
from adapters.dimse.serving.delivery import Delivery
from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.holding import Holding
from adapters.dimse.serving.pausing import Pausing
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.watch import Watch
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.destination import Deliver
from gateway.contract.message import Message
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, until
from tests.adapters.dimse.raw_peer import CT, EXPLICIT
from tests.adapters.dimse.serving.test_admission import Peer
from tests.adapters.dimse.transports import FakeTransport
from tests.dicom_files import data_set

DATA = bytes(range(256))


class Case:
    """A delivery, and what it answers."""

    def __init__(self, deliver: Deliver, **settings: object) -> None:
        checked = DimseListenerSettings.model_validate({"port": 0, **settings})
        self.meter, self.gate = RecordingMeter(), Gate(FakeTransport())
        self.answers: list[tuple[str, Verdict]] = []
        service: Service[Peer] = Service("modalities", checked, PeerPolicies(checked), deliver, self.meter)
        self.peer_policy = service.peer_policies.of("10.0.0.1")
        report = Report("modalities", ("10.0.0.1", 1), self.meter)
        pausing = Pausing(self.gate, Watch(checked, 0), report, lambda: None)
        holding = Holding(None, Backlog(), PduReader(1000), pausing, lambda: None)
        self.delivery = Delivery(service, report, pausing, holding, self.answer)

    def answer(self, instance: Instance, verdict: Verdict) -> None:
        """Remember."""
        self.answers.append((instance.message.identifiers["sop_instance_uid"], verdict))

    def begin(self, uid: str = "1.2.3") -> None:
        """Have an instance begin."""
        begin = Begin(Request(1, 7, True, CT, uid), Context(CT, EXPLICIT))
        self.delivery.begin(begin, self.peer_policy, ("CT1", "HILUM"), ("10.0.0.1", 1234))

    def feed(self, data: bytes = DATA, *, is_last: bool = True) -> None:
        """Have a piece of its data set come in."""
        self.delivery.feed(Fragment(3, False, is_last, memoryview(data)), 1.0)


async def test_one_after_another() -> None:
    """Each instance is delivered whole, counted and answered."""
    case = Case(store := KeepingStore())
    for number, uid in enumerate(("1.2.3", "1.2.4"), 1):
        case.begin(uid)
        case.feed(is_last=False)
        case.feed()
        await until(lambda: len(case.answers) == number, 60)  # noqa: B023  it is awaited in the same turn
        assert case.delivery.instance is None
    assert [(uid, Verdict("0000")) for uid in ("1.2.3", "1.2.4")] == case.answers
    assert [DATA * 2] * 2 == [data_set(body) for body in store.bodies.values()]
    assert [len(DATA) * 2] * 2 == case.meter.sizes


async def test_not_offered() -> None:
    """An instance that is refused is read over, and then answered."""
    case = Case(store := KeepingStore())
    case.begin("")
    case.feed(is_last=False)
    await asyncio.sleep(0)
    assert [] == case.answers
    case.feed()
    await until(lambda: case.answers, 60)
    assert ([], "0117") == (store.messages, case.answers[0][1].status)


async def test_full_window() -> None:
    """A store that does not take the instance has the peer wait."""
    case = Case(stuck := StuckStore(), window_bytes=65536)
    case.begin()
    await stuck.is_reached.wait()
    for _ in range(3):
        case.feed(bytes(40_000), is_last=False)
    assert case.gate.is_held(Hold.STORE)
    stuck.go_on.set()
    await until(lambda: not case.gate.is_closed, 60)
    case.feed()
    await until(lambda: case.answers, 60)


async def test_our_fault() -> None:
    """An internal error is answered, counted, and logged without its text."""

    async def deliver(message: Message) -> Outcome:
        raise ValueError("DOE^JOHN")

    case = Case(deliver)
    case.begin()
    with capture_logs() as lines:
        case.feed()
        await until(lambda: case.answers, 60)
    assert ([("1.2.3", OUR_FAULT)], [Rejection.INTERNAL_ERROR]) == (case.answers, case.meter.rejections)
    assert "DOE" not in str(lines)


@pytest.mark.parametrize("is_whole", [False, True])
async def test_abandoned(*, is_whole: bool) -> None:
    """An abandoned instance is cancelled at the store, and nothing is answered."""
    case = Case(stuck := StuckStore())
    case.begin()
    case.feed(is_last=is_whole)
    await stuck.is_reached.wait()
    case.delivery.abandon()
    case.feed()
    await case.delivery.wait()
    assert (True, []) == (stuck.is_cancelled.is_set(), case.answers)


async def test_nothing_in_progress() -> None:
    """Without an instance there is nothing to feed, to give up or to wait for."""
    case = Case(KeepingStore())
    case.feed()
    case.delivery.abandon()
    await case.delivery.wait()
    assert [] == case.meter.sizes
