"""A listener between two fakes: the meter and the store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.dimse.listener import DimseListener, bind
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.associations import Association
from gateway.contract.causes import Notice
from gateway.contract.destination import Deliver
from gateway.contract.journal import Answered
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.message import Message
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome, Stored


@dataclass
class RecordingMeter:
    """Remembers what a listener reports."""

    connections: int = 0
    sizes: list[int] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)
    rows: list[Answered] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def connected(self, address: str = "") -> None:
        """Count one more."""
        self.connections += 1

    def disconnected(self, address: str = "") -> None:
        """Count one less."""
        self.connections -= 1

    def received(self, size: int) -> None:
        """Remember the size."""
        self.sizes.append(size)

    def answered(self, answer: str, seconds: float) -> None:
        """Remember the answer."""
        assert seconds >= 0
        self.answers.append(answer)

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """Remember the reason."""
        self.rejections.append(reason)

    def associated(self, association: Association) -> None:
        """Remember the association."""
        self.associations.append(association)

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
        """Nothing is skipped in DIMSE."""
        raise AssertionError(count)


class KeepingStore:
    """Takes every instance whole and keeps it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.bodies: dict[str, bytes] = {}

    async def __call__(self, message: Message) -> Outcome:
        """Read to the end, then say so."""
        self.messages.append(message)
        body = b"".join([bytes(chunk) async for chunk in message.body.chunks()])
        self.bodies[message.identifiers["sop_instance_uid"]] = body
        return Stored()


class StuckStore:
    """Reads *chunks* chunks, then waits until it is let go on or cancelled."""

    def __init__(self, chunks: int = 1) -> None:
        self.chunks = chunks
        self.is_reached, self.go_on, self.is_cancelled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.octets = 0

    async def __call__(self, message: Message) -> Outcome:
        """Read a little, wait, read the rest."""
        seen = 0
        try:
            async for chunk in message.body.chunks():
                seen += 1
                self.octets += len(chunk)
                if seen == self.chunks:
                    self.is_reached.set()
                    await self.go_on.wait()
        except asyncio.CancelledError:
            self.is_cancelled.set()
            raise
        return Stored()


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Wait until *condition* holds; the loop goes on meanwhile."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(
    deliver: Deliver,
    meter: RecordingMeter,
    *,
    tls_acceptor: TlsAcceptor | None = None,
    limits: SharedLimits | None = None,
    **settings: Any,
) -> AsyncIterator[DimseListener]:
    """Run a listener on a free port; peers that are left at the end are cut off."""
    checked = DimseListenerSettings.model_validate({"port": 0, **settings})
    listener = await bind("modalities", checked, deliver, meter, tls_acceptor=tls_acceptor, limits=limits)
    try:
        yield listener
    finally:
        listener.stop_accepting()
        for task in tuple(listener.tasks):
            task.cancel()
        await asyncio.gather(*listener.tasks, return_exceptions=True)
