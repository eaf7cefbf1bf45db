"""One instance on its way: from the C-STORE-RQ to the verdict."""

import asyncio
import uuid

from adapters.dimse.body import IncomingBody
from adapters.dimse.command import Request
from adapters.dimse.exchange import Begin
from adapters.dimse.negotiation import Policy
from adapters.dimse.statuses import NO_UID, NOT_SUPPORTED, NOT_TAKEN_WHOLE, Verdict, verdict_on
from adapters.dimse.storage import facts_of
from gateway.message import Deliver, Message, Stored


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
        self.arrived = asyncio.Event()
        """Set when the last fragment of the data set is in."""
        self.arrived_at = 0.0

    def finish(self, now: float) -> None:
        """Say that the data set is complete."""
        self.arrived_at = now
        self.body.finish()
        self.arrived.set()

    async def settle(self, deliver: Deliver, refusal: Verdict | None) -> Verdict:
        """Return what the peer is told, once that is known and the peer has sent everything."""
        verdict = refusal or await self._deliver(deliver)
        self.body.discard()  # what is still to come belongs to no one
        await self.arrived.wait()
        return verdict

    async def _deliver(self, deliver: Deliver) -> Verdict:
        outcome = await deliver(self.message)
        # A store that says "stored" before it has seen the end speaks of something else than this instance.
        if isinstance(outcome, Stored) and not self.body.is_consumed:
            return NOT_TAKEN_WHOLE
        return verdict_on(outcome)


def refusal_of(request: Request, policy: Policy) -> Verdict | None:
    """Return why an instance is not even offered to a destination. Its command set decides, not its context."""
    if not request.sop_instance_uid:
        return NO_UID
    return None if policy.takes(request.sop_class_uid) else NOT_SUPPORTED
