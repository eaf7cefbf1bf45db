"""The connections to one receiver, each with one message outstanding. Any free one is taken.

Order needs no fixed connection: commit mode gives out one message of an ordering key at a time, and in relay mode the
sender waits for its answer.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import monotonic

import structlog

from adapters.hl7.verdict import POSITIVE
from adapters.mllp.client.applications import Applications
from adapters.mllp.client.connection import Connection, Verdict
from adapters.mllp.client.diagnoses import diagnose_dial, diagnose_handshake
from adapters.mllp.client.events import Answered, Cause, MaybeSent, NotSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.reuse import Reuse
from adapters.mllp.client.rules import Rules
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.contract.connecting import handshake, why_not_connected
from gateway.contract.kind import Contexts
from gateway.contract.phase_times import PhaseTimes
from gateway.contract.sending import Address, ClientTls
from gateway.contract.slots import Slots
from gateway.contract.tls_faults import TellingTls

TOO_SLOW = "no connection in time"
NO_APPLICATION_ANSWER = "the receiver committed the message, and no application acknowledgement came in time"
MAPPED = "::ffff:"
"""Before an IPv4 address that a dual-stack socket shows."""
MOST_ADDRESSES = 64
"""Most addresses of the receiver that are remembered."""
LONGEST_LOGGED = 199
"""Most characters of a control ID in the log (the length of an ST, HL7 2.5)."""

log = structlog.get_logger()


class Pool:
    """Keeps connections for the next message."""

    def __init__(
        self,
        settings: MllpDestinationSettings,
        contexts: Contexts | None,
        count: Callable[[str], None],
        name: str = "",
        times: PhaseTimes | None = None,
    ) -> None:
        self._times = times or PhaseTimes()
        self._shows_certificate = settings.tls is not None and settings.tls.certificate_file is not None
        self._name = name
        self._settings = settings
        self._address = Address(settings.host, settings.port)
        self._contexts = contexts
        self._count = count
        self._slots = Slots(settings.connections)
        self._answer_seconds, self._application_seconds = settings.answer_seconds, settings.application_seconds
        self._applications = Applications(
            settings.application_seconds, self._refused_late, cuts_ids=settings.acknowledged_id == "first_20"
        )
        self._rules = Rules(
            settings.mllp_release,
            settings.block_end,
            takes_unnamed=settings.lenient_ack,
            is_awaited=self._applications.__contains__,
        )
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._reuse = Reuse(settings.reuse)
        self.addresses: dict[str, None] = {}
        """The addresses that the receiver was reached at."""

    async def exchange(self, message: Outgoing, *, waits_for_application: bool = False) -> Verdict | None:
        """Send *message* on a free connection and return what became of it; None if it asks for no answer."""
        if waits_for_application:
            return await self._exchange_twice(message)
        if not self._slots.take():
            await self._slots.wait()
        try:
            if (kept := self._kept(message.control_id)) is not None:
                verdict = await self._send(kept, message)
                if not isinstance(verdict, NotSent):
                    return verdict
            # There is none, or it had ended before, and the receiver has read nothing.
            fresh = await self._dial()
            return fresh if isinstance(fresh, NotSent) else await self._send(fresh, message)
        finally:
            self._slots.give_back()

    async def probe(self) -> str | None:
        """Return why there is no connection, or None; a new connection is kept for the next message."""
        if self._open:
            return None
        if not self._slots.take():
            await self._slots.wait()
        try:
            connection = await self._dial()
        finally:
            self._slots.give_back()
        if isinstance(connection, NotSent):
            return connection.cause
        connection.used_at = asyncio.get_running_loop().time()
        self._give_back(connection)
        return None

    async def close(self) -> None:
        """Close all connections."""
        if self._sweep is not None:
            self._sweep.cancel()
        closing = [each.closed for each in self._open]
        for each in tuple(self._open):
            each.close() if each in self._idle else each.abort()
        if closing:
            await asyncio.wait(closing, timeout=2.0)
        for each in tuple(self._open):
            each.abort()

    async def _send(self, connection: Connection, message: Outgoing) -> Verdict | None:
        verdict: Verdict | None = None
        if message.asks_application:
            self._applications.begin(message, connection)
        try:
            verdict = await connection.exchange(message, self._answer_seconds, self._application_seconds)
        finally:
            if message.asks_application:
                self._applications.end(message, verdict)
        if isinstance(verdict, Answered) or (isinstance(verdict, MaybeSent) and verdict.cause == Cause.SILENT):
            connection.measure(self._times)
        if connection.messages > 1 and isinstance(verdict, Answered):
            self._reuse.answered_again()
        self._give_back(connection)
        return verdict

    async def _exchange_twice(self, message: Outgoing) -> Verdict | None:
        """Wait for the application acknowledgement, too, which may come on any connection."""
        async with self._applications.waiting(message) as waiting:
            verdict = await self.exchange(message)
            if not (isinstance(verdict, Answered) and verdict.code == "CA"):
                return verdict
            try:
                async with asyncio.timeout(self._application_seconds):
                    return await waiting.answer
            except TimeoutError:
                return verdict if message.only_errors else MaybeSent(NO_APPLICATION_ANSWER)

    def _kept(self, control_id: bytes) -> Connection | None:
        """Return a kept connection that a message of this control ID can be sent on; close those that have ended."""
        while self._idle:
            connection = self._idle.pop()
            if not self._reuse.keeps_none and connection.is_usable(control_id, self._settings.idle_seconds):
                return connection
            connection.close()
        return None

    async def _dial(self) -> Connection | NotSent:
        settings, loop, began = self._settings, asyncio.get_running_loop(), monotonic()
        tls = None if self._contexts is None else ClientTls(self._contexts())
        if tls is not None:
            tls.context.sslobject_class = TellingTls
        shows = self._shows_certificate
        try:
            async with asyncio.timeout(settings.connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: Connection(
                        self._rules,
                        self._passed_over,
                        settings.answer_seconds,
                        lambda error: diagnose_handshake(error, self._address, shows_certificate=shows),
                    ),
                    self._address.host,
                    self._address.port,
                    **handshake(self._address, tls),
                )
        except (OSError, UnicodeError, RuntimeError) as error:  # uvloop raises RuntimeError for some errors
            speaks_tls = tls is not None
            late = isinstance(error, TimeoutError)
            cause = TOO_SLOW if late else why_not_connected(error, speaks_tls=speaks_tls)
            diagnosis = await diagnose_dial(
                error, self._address, settings.connect_seconds, speaks_tls=speaks_tls, shows_certificate=shows
            )
            return NotSent(cause, diagnosis)
        self._times.connected(monotonic() - began)
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._forget(connection))
        self._note_address(connection.peer_ip)
        return connection

    def _note_address(self, address: str) -> None:
        self.addresses[address.removeprefix(MAPPED)] = None
        while len(self.addresses) > MOST_ADDRESSES:
            del self.addresses[next(iter(self.addresses))]

    def _give_back(self, connection: Connection) -> None:
        if connection.line.is_closed:
            return
        if self._reuse.keeps_none:
            connection.close()
            return
        self._idle.append(connection)
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._settings.idle_seconds, self._close_old)

    def _close_old(self) -> None:
        loop, self._sweep = asyncio.get_running_loop(), None
        old = [each for each in self._idle if loop.time() - each.used_at >= self._settings.idle_seconds]
        self._remove_idle(old)
        for each in old:
            each.close()
        if self._idle:
            due = min(each.used_at for each in self._idle) + self._settings.idle_seconds
            self._sweep = loop.call_at(due + 0.01, self._close_old)

    def _remove_idle(self, connections: Iterable[Connection]) -> None:
        for each in connections:
            self._idle.remove(each)

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._reuse.closed(is_sign=bool(connection.closed_behind))

    def hear(self, acknowledgement: bytes, peer_ip: str) -> Callable[[], None] | None:
        """Return what credits an acknowledgement that came in at a listener; None if it is not about a message here.

        Only the receiver itself can settle its messages.
        """
        is_receiver = peer_ip.removeprefix(MAPPED) in self.addresses
        return self._applications.claim(acknowledgement) if is_receiver else None

    def _passed_over(self, connection: Connection, event: PassedOver) -> None:
        if event.is_repeated:
            self._reuse.repeated()
        is_taken = self._applications.passed_over(connection, event)
        is_news = not event.is_repeated and not is_taken
        self._count("refused_late" if is_news and self._tell_refused(event.named, event.code) else "passed_over")

    def _refused_late(self, named: bytes, code: str) -> None:
        """Count a negative answer that came at a listener and changes nothing any more."""
        if self._tell_refused(named, code):
            self._count("refused_late")

    def _tell_refused(self, named: bytes, code: str) -> bool:
        """Log a negative answer that changes nothing any more; return whether it is one."""
        if code in POSITIVE:
            return False
        control_id = named.decode("ascii", "replace")[:LONGEST_LOGGED]
        log.warning("late_refusal_passed_over", destination=self._name, control_id=control_id, answer=code)
        return True
