"""Application acknowledgements of enhanced mode that come apart from their exchange: elsewhere, or at a listener.

They name a message by its control ID alone, and that may be shared: one message goes to two destinations on one host,
or two messages have one MSH-10. So an acknowledgement is credited only where it can be about one message:

- on a connection that has carried this control ID it is about the message that was sent there;
- elsewhere it counts for a message that has been sent and waits, if no other message of this control ID was under way
  here or at a destination with the same peer address, or has ended so within ``application_seconds``, that its
  acknowledgement may still come. Where several can be meant none is credited: they may be stored.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from math import inf

from adapters.hl7.control_id import SHORT
from adapters.hl7.verdict import read_verdict
from adapters.mllp.client.connection import Connection, Verdict
from adapters.mllp.client.events import Answered, PassedOver
from adapters.mllp.client.outgoing import Outgoing

MOST_REMEMBERED = 100_000
"""Most messages to remember whose application acknowledgement may still come; then the oldest are forgotten."""
Sent = tuple[bytes, bytes]
"""Control ID and digest of a message."""


def _ignore(_: bytes, __: str) -> None:
    """Do nothing with an answer that settles nothing."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A message whose application acknowledgement is waited for."""

    sent: Sent
    connection: Connection | None = None
    """What it was sent on, once it is sent."""
    answer: asyncio.Future[Answered] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, connection: Connection) -> None:
        """Take answers from now on: the message is being sent on *connection*. Earlier ones were about another one."""
        self.connection = connection
        if self.answer.done():
            self.answer = asyncio.get_running_loop().create_future()

    def take(self, answered: Answered) -> bool:
        """Keep the first answer, also where it comes before the commit acknowledgement; return whether it is kept."""
        is_kept = self.connection is not None and not self.connection.line.is_sending and not self.answer.done()
        if is_kept:
            self.answer.set_result(answered)
        return is_kept


class Applications:
    """The messages of one destination whose application acknowledgement is waited for, or may still come."""

    def __init__(
        self, seconds: float, not_taken: Callable[[bytes, str], None] = _ignore, *, cuts_ids: bool = False
    ) -> None:
        self._seconds, self._not_taken, self._cuts_ids = seconds, not_taken, cuts_ids
        self._waiting: dict[bytes, Waiting] = {}
        self._until: OrderedDict[Sent, float] = OrderedDict()
        """Until when the acknowledgement of a message may come."""
        self._digests: dict[bytes, set[bytes]] = {}
        """The messages in ``_until`` by control ID."""

    def __contains__(self, named: bytes) -> bool:
        """Whether an acknowledgement that names this control ID can be about a message of this destination."""
        self._forget_old()
        control_id = self._key(named)
        return control_id in self._waiting or control_id in self._digests

    @asynccontextmanager
    async def waiting(self, message: Outgoing) -> AsyncIterator[Waiting]:
        """Wait for the application acknowledgement of *message*; of several with one control ID, one at a time."""
        control_id = message.control_id
        while (earlier := self._waiting.get(control_id)) is not None:
            await earlier.ended.wait()
        waiting = self._waiting[control_id] = Waiting(_sent(message))
        try:
            yield waiting
        finally:
            del self._waiting[control_id]
            waiting.ended.set()
            waiting.answer.cancel()
            if waiting.sent in self._until:
                self._remember(waiting.sent, asyncio.get_running_loop().time() + self._seconds)

    def begin(self, message: Outgoing, connection: Connection) -> None:
        """Note that *message* is sent on *connection* now."""
        if message.asks_application:
            sent = control_id, digest = _sent(message)
            connection.carried[control_id] = digest
            self._remember(sent, inf)
            if control_id in self._waiting and self._waiting[control_id].sent == sent:
                self._waiting[control_id].begin(connection)

    def end(self, message: Outgoing, verdict: Verdict | None) -> None:
        """Note that the exchange of *message* has ended so; None if it was cancelled."""
        if message.asks_application:
            if verdict is None or _may_come(verdict):
                self._remember(_sent(message), asyncio.get_running_loop().time() + self._seconds)
            else:
                self._forget(_sent(message))

    def passed_over(self, connection: Connection, event: PassedOver) -> bool:
        """Take an answer that came on *connection* outside of an exchange; return whether it settles a message."""
        control_id = self._key(event.named)
        if not event.code.startswith("A"):
            return False
        waiting, digest = self._waiting.get(control_id), connection.carried.get(control_id)
        if digest is not None:
            self._forget((control_id, digest))
        if waiting is None or (digest != waiting.sent[1] if digest is not None else not self._is_clear(waiting)):
            return False
        return waiting.take(Answered(event.code, event.block, event.code == "AA"))

    def claim(self, acknowledgement: bytes) -> Callable[[], None] | None:
        """Return what credits an acknowledgement that came at a listener; None if it is about no message from here."""
        verdict = read_verdict(acknowledgement)
        if verdict is None or verdict.is_commit:
            return None
        control_id = self._key(verdict.named)
        self._forget_old()
        if control_id not in self._digests:
            return None
        return partial(self._credit, control_id, Answered(verdict.code, acknowledgement, verdict.is_positive))

    def _credit(self, control_id: bytes, answered: Answered) -> None:
        waiting = self._waiting.get(control_id)
        if waiting is None or not self._is_clear(waiting) or not waiting.take(answered):
            self._not_taken(control_id, answered.code)

    def _is_clear(self, waiting: Waiting) -> bool:
        """Whether no other message of this control ID can be meant. A resend has the same octets: it is no other."""
        self._forget_old()
        control_id, digest = waiting.sent
        return self._digests.get(control_id, set()) <= {digest}

    def _key(self, named: bytes) -> bytes:
        return named[:SHORT].strip() if self._cuts_ids else named

    def _remember(self, sent: Sent, until: float) -> None:
        self._until[sent] = until
        self._until.move_to_end(sent)
        self._digests.setdefault(sent[0], set()).add(sent[1])
        self._forget_old()
        while len(self._until) > MOST_REMEMBERED:
            self._forget(next(iter(self._until)))

    def _forget_old(self) -> None:
        """Forget from the oldest on. One that is under way stays, and the few behind it until it has ended."""
        now = asyncio.get_running_loop().time()
        while self._until and next(iter(self._until.values())) <= now:
            self._forget(next(iter(self._until)))

    def _forget(self, sent: Sent) -> None:
        if self._until.pop(sent, None) is not None:
            digests = self._digests[sent[0]]
            digests.discard(sent[1])
            if not digests:
                del self._digests[sent[0]]


def _sent(message: Outgoing) -> Sent:
    return message.control_id, sha256(message.payload).digest()


def _may_come(verdict: Verdict) -> bool:
    """Whether an application acknowledgement may still come behind *verdict*: not where it has come, or none will.

    Where this attempt was not sent, an earlier one may have been.
    """
    return not isinstance(verdict, Answered) or (verdict.code == "CA" and not verdict.second)
