"""One instance, from its C-STORE-RQ to the verdict."""

import asyncio
import uuid

from adapters.dimse.body import IncomingBody
from adapters.dimse.naming import Naming
from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.exchange import Begin
from adapters.dimse.protocol.negotiation import Policy
from adapters.dimse.protocol.statuses import (
    ANOTHER_INSTANCE,
    NO_UID,
    NOT_SUPPORTED,
    NOT_TAKEN_WHOLE,
    Verdict,
    verdict_on,
)
from adapters.dimse.storage import facts_of
from gateway.contract.destination import Deliver
from gateway.contract.message import Message
from gateway.contract.outcome import Stored


class Instance:
    """What is known of a C-STORE in progress."""

    def __init__(
        self, begin: Begin, body: IncomingBody, titles: tuple[str, str], listener: str, peer: tuple[str, int]
    ) -> None:
        self.body = body
        self.message = Message(
            message_id=uuid.uuid4().hex,
            body=body,
            facts=facts_of(begin.request, begin.context, titles, listener, peer[0]),
            identifiers={"sop_instance_uid": begin.request.sop_instance_uid},
            connection=f"{peer[0]}:{peer[1]}",
        )
        self._naming = Naming(begin.request.sop_instance_uid, begin.context.transfer_syntax)
        self._is_another = False
        self.arrived = asyncio.Event()
        """Set when the last fragment of the data set is in."""
        self.arrived_at = 0.0

    def feed(self, data: memoryview) -> None:
        """Add a fragment; end the delivery if it shows another instance than the command names."""
        if self._naming.is_another(data):
            self._is_another = True
            self.body.discard()
        self.body.feed(data)

    def finish(self, now: float) -> None:
        """Say that the data set is complete."""
        self.arrived_at = now
        self.body.finish()
        self.arrived.set()

    async def settle(self, deliver: Deliver, refusal: Verdict | None) -> Verdict:
        """Return the verdict for the peer, once it is known and the peer has sent everything."""
        verdict = refusal or await self._deliver_named(deliver)
        self.body.discard()  # nobody needs what still arrives
        await self.arrived.wait()
        return verdict

    async def _deliver_named(self, deliver: Deliver) -> Verdict:
        try:
            verdict = ANOTHER_INSTANCE if self._is_another else await self._deliver(deliver)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._is_another or (task is not None and task.cancelling()):
                raise  # the peer or Hilum has given up the instance
            return ANOTHER_INSTANCE
        return ANOTHER_INSTANCE if self._is_another else verdict

    async def _deliver(self, deliver: Deliver) -> Verdict:
        outcome = await deliver(self.message)
        # A store that says "stored" before it has read the end cannot mean this instance.
        if isinstance(outcome, Stored) and not self.body.is_consumed:
            return NOT_TAKEN_WHOLE
        return verdict_on(outcome)


def refusal_of(request: Request, policy: Policy) -> Verdict | None:
    """Return why an instance is refused before delivery, by its command set and not by its presentation context."""
    if not request.sop_instance_uid:
        return NO_UID
    return None if policy.takes(request.sop_class_uid) else NOT_SUPPORTED
