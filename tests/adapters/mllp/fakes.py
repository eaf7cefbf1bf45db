"""A delivery that the test directs, a meter that remembers, and a listener between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.mllp.listener import MllpListener, bind
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.associations import Association
from gateway.contract.body import WholeBody
from gateway.contract.causes import Notice
from gateway.contract.journal import Answered
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.message import Message
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome, Stored


@dataclass
class FakeMeter:
    """Remembers what a listener reports."""

    answers: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    rows: list[Answered] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    stray: int = 0
    connections: int = 0
    ever_connected: int = 0

    def connected(self, address: str = "") -> None:
        """Count a peer in."""
        self.connections += 1
        self.ever_connected += 1

    def disconnected(self, address: str = "") -> None:
        """Count a peer out."""
        self.connections -= 1

    def received(self, size: int) -> None:
        """Remember the size."""
        self.sizes.append(size)

    def answered(self, answer: str, seconds: float) -> None:
        """Remember the label."""
        assert 0 <= seconds < 60
        self.answers.append(answer)

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """Remember the reason."""
        self.rejections.append(reason)

    def associated(self, association: Association) -> None:
        """Record nothing: there are no associations in MLLP."""

    def noticed(self, notice: Notice) -> None:
        """Remember what was noticed."""
        self.notices.append(notice)

    def recorded(self, row: tuple[object, ...], /) -> None:
        """Remember what the journal would keep."""
        self.rows.append(Answered(*row))  # type: ignore[arg-type]

    def paused(self, reason: Pause) -> None:
        """Remember the reason."""
        self.pauses.append(reason)

    def skipped(self, count: int) -> None:
        """Add the octets."""
        self.stray += count


@dataclass
class FakeDelivery:
    """A destination whose outcomes the test sets, by control ID or for all."""

    outcome: Outcome | Exception = field(default_factory=Stored)
    outcomes: dict[str, Outcome | Exception] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    finished: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.may_go_on.set()

    def hold(self) -> None:
        """Let deliveries wait until ``may_go_on`` is set."""
        self.may_go_on.clear()

    async def __call__(self, message: Message) -> Outcome:
        """Deliver *message* as the test has set."""
        self.messages.append(message)
        self.began.set()
        await self.may_go_on.wait()
        control_id = message.identifiers.get("control_id", "")
        self.finished[control_id] += 1
        outcome = self.outcomes.get(control_id, self.outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def payloads(self) -> list[bytes]:
        """What was delivered, in order."""
        return [message.body.data for message in self.messages if isinstance(message.body, WholeBody)]


@asynccontextmanager
async def listening(
    delivery: FakeDelivery,
    meter: FakeMeter,
    *,
    tls_acceptor: TlsAcceptor | None = None,
    limits: SharedLimits | None = None,
    **settings: Any,
) -> AsyncIterator[MllpListener]:
    """Bind a free port; at the end the connections are closed, and none may be left."""
    checked = MllpListenerSettings.model_validate({"kind": "mllp", "port": 0, **settings})
    listener = await bind("adt", checked, delivery, meter, tls_acceptor=tls_acceptor, limits=limits)
    try:
        yield listener
    finally:
        delivery.may_go_on.set()
        listener.stop_accepting()
        if listener.tasks:
            await asyncio.wait(listener.tasks, timeout=10)
    assert not listener.tasks
    assert 0 == meter.connections
