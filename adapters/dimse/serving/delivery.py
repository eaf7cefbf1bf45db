"""The C-STORE in progress on one association: from the request to the verdict."""

import asyncio
from collections.abc import Callable
from typing import Generic

from adapters.dimse.body import IncomingBody
from adapters.dimse.instance import Instance, refusal_of
from adapters.dimse.peer_policy import PeerPolicy
from adapters.dimse.protocol.events import Fragment
from adapters.dimse.protocol.exchange import Begin
from adapters.dimse.protocol.statuses import OUR_FAULT, Verdict
from adapters.dimse.service import P, Service
from adapters.dimse.serving.flow import Hold
from adapters.dimse.serving.holding import Holding
from adapters.dimse.serving.pausing import Pausing
from adapters.dimse.serving.report import Report
from adapters.dimse.storage import part10_header


class Delivery(Generic[P]):
    """Has one instance after another delivered, and calls *answer* with the verdict.

    Each is delivered in a task of its own, so that an abort can cancel the half-sent request to the store while the
    association is still being closed.
    """

    def __init__(
        self,
        service: Service[P],
        report: Report,
        pausing: Pausing,
        holding: Holding,
        answer: Callable[[Instance, Verdict], None],
    ) -> None:
        self.instance: Instance | None = None
        """The instance in progress; None while there is none."""
        self._service = service
        self._report = report
        self._pausing = pausing
        self._holding = holding
        self._answer = answer
        self._task: asyncio.Task[None] | None = None

    def begin(self, command: Begin, peer_policy: PeerPolicy, titles: tuple[str, str], peer: tuple[str, int]) -> None:
        """Have the instance of *command* delivered, or read and dropped where it is refused."""
        refusal = refusal_of(command.request, peer_policy.policy) or self._service.shed()
        header = b"" if refusal else part10_header(command.request, command.context, titles[0])
        body = IncomingBody(
            header,
            peer_policy.settings.window_bytes,
            lambda: self._pausing.hold(Hold.STORE),
            lambda: self._pausing.release(Hold.STORE),
            self._holding.instance_holds,
        )
        self.instance = Instance(command, body, titles, self._service.name, peer)
        self._task = asyncio.get_running_loop().create_task(self._settle(self.instance, refusal))

    def feed(self, fragment: Fragment, now: float) -> None:
        """Add a piece of the data set, which came in at *now*."""
        if self.instance is None:
            return
        self.instance.feed(fragment.data)
        if fragment.is_last:
            self._service.meter.received(self.instance.body.received)
            self.instance.finish(now)

    def waited_since(self) -> float | None:
        """Return since when the peer has been waiting for an answer, having sent everything; None if it does not."""
        instance = self.instance
        return instance.arrived_at if instance is not None and instance.arrived.is_set() else None

    def abandon(self) -> None:
        """Give up what is in progress: nobody waits for its answer any more."""
        if self._task is not None:
            self._task.cancel()
        if self.instance is not None:
            self.instance.body.discard()
            self.instance = None

    async def wait(self) -> None:
        """Return when nothing is being delivered any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _settle(self, instance: Instance, refusal: Verdict | None) -> None:
        deliver = self._service.deliver
        try:
            verdict = await instance.settle(deliver, refusal)
        except (Exception, asyncio.CancelledError) as error:
            if self.instance is not instance:
                raise  # the instance was abandoned: this is the cancellation by `abandon`
            self._report.failed(instance, error)
            verdict = await instance.settle(deliver, OUR_FAULT)
        self.instance = self._task = None
        self._answer(instance, verdict)
