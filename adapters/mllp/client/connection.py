"""One connection to a receiver: the socket and the timer around the rules (``rules``)."""

import asyncio
import select
import socket
import ssl
from collections.abc import Callable
from time import monotonic
from typing import cast

from adapters.mllp.client.events import Answered, Cause, Event, MaybeSent, NotSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Line, Rules
from adapters.mllp.serving.alarm import Alarm
from adapters.mllp.serving.sockets import tune
from gateway.contract.causes import Diagnosis
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE, NOT_TRUSTED_HERE, WANTS_CERTIFICATE, why_no_tls
from gateway.contract.phase_times import PhaseTimes
from gateway.contract.progress import ProgressWatch, octets_taken
from gateway.contract.unbuffered import UnbufferedWriter

BEHIND_SECONDS = 1.0
"""A receiver that closes within this time after its answer does not keep connections."""
LONG = 65_536
"""Octets of a message that a receiver behind a slow line may still be taking when the time for its answer is over."""
Verdict = Answered | MaybeSent | NotSent


def ignore(_: "Connection", __: PassedOver) -> None:
    """Do nothing with an answer that was passed over."""


class Connection(asyncio.Protocol):
    """Carries one message at a time."""

    def __init__(
        self,
        rules: Rules,
        passed_over: Callable[["Connection", PassedOver], None] = ignore,
        unacknowledged_seconds: float = 60.0,
        diagnose: Callable[[ssl.SSLError], Diagnosis] | None = None,
    ) -> None:
        self._diagnose = diagnose
        """Tells the cause of an error of TLS, for people."""
        self.line = Line(rules)
        self.messages = 0
        """Messages that were sent on it."""
        self.carried: dict[bytes, bytes] = {}
        """By control ID: the digest of the message that was sent on it and may get an application acknowledgement."""
        self.used_at = 0.0
        """When its last message ended."""
        self.closed_behind: bool | None = None
        """Whether the receiver closed it right behind an answer; None while it is open."""
        self.closed = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._passed_over = passed_over
        self._unacknowledged_seconds = unacknowledged_seconds
        self._verdict: asyncio.Future[Verdict] | None = None
        self._left: asyncio.Future[None] | None = None
        self._due: float | None = None
        """When the time for the next answer is over, while one is waited for."""
        self._application_seconds: float | None = None
        """The time for the application acknowledgement, until it begins."""
        self._alarm = Alarm(lambda: self._due, self._time_out)
        self._refusal: NotSent | None = None
        self._began_at = self._sent_at = self._first_at = 0.0
        """When the message began to be sent, had left, and the first octet of its answer came; 0 if not yet."""
        self._is_paused = self._has_received = self._has_answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the socket's options."""
        self._transport = cast("asyncio.Transport", transport)
        self._writer = UnbufferedWriter(self._transport)
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._poll = select.poll()
        self._poll.register(self._socket.fileno(), select.POLLIN)
        self._speaks_tls = transport.get_extra_info("ssl_object") is not None
        tune(self._socket)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: give up where nothing of what was sent is acknowledged
            milliseconds = int(self._unacknowledged_seconds * 1000)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    @property
    def peer_ip(self) -> str:
        """The address of the receiver."""
        return str((self._transport.get_extra_info("peername") or ("",))[0])

    def is_usable(self, control_id: bytes, idle_seconds: float) -> bool:
        """Whether it may carry a message of this control ID: nothing has come since the last one, not even its end."""
        if self._loop.time() - self.used_at >= idle_seconds or self._transport.is_closing():
            return False
        return self.line.may_send(control_id) and self._is_quiet()

    def _is_quiet(self) -> bool:
        """Whether there is nothing to read for the event loop: a FIN may have come that it has not seen yet."""
        return self._socket.fileno() >= 0 and not self._poll.poll(0)

    async def exchange(self, message: Outgoing, answer_seconds: float, application_seconds: float) -> Verdict | None:
        """Send *message*; return what became of it, None if it asks for no answer. Cancelling ends the connection."""
        if not self.messages and not self.line.may_send(message.control_id):
            return self._why_unusable()  # it ended, or something came, right behind the connect
        self.messages += 1
        self._application_seconds = application_seconds if message.wants_both else None
        self._verdict = self._loop.create_future()
        self._left = self._loop.create_future() if message.is_unanswered else None
        self._set_time(answer_seconds)
        self._began_at, self._sent_at, self._first_at = monotonic(), 0.0, 0.0
        watch = self._watch_progress(answer_seconds) if len(message.payload) > LONG else None
        try:
            self._writer.write(self.line.send(message))
            if not self._is_paused:
                self._take_left()
            if self._left is not None:
                await asyncio.wait((self._left, self._verdict), return_when=asyncio.FIRST_COMPLETED)
                return self._verdict.result() if self._verdict.done() else None
            return await self._verdict
        except BaseException:
            self.line.lose()
            self._transport.abort()
            raise
        finally:
            if watch is not None:
                watch.stop()
            self._verdict = self._due = None
            self.used_at = self._loop.time()

    def _watch_progress(self, seconds: float) -> ProgressWatch:
        """Do not let the time for the answer run while the receiver still takes the message."""
        return ProgressWatch(seconds, lambda: octets_taken(self._socket), lambda: self._go_on(seconds))

    def _go_on(self, seconds: float) -> None:
        if not self.line.awaits_application:
            self._set_time(seconds)

    def measure(self, times: PhaseTimes) -> None:
        """Tell how long the last exchange took. Without an answer it took at least that long."""
        now, sent = monotonic(), self._sent_at
        if sent:
            first = self._first_at or now
            times.exchanged(max(0.0, first - sent), sent - self._began_at + now - max(sent, first), now)

    def _why_unusable(self) -> NotSent:
        self._transport.abort()
        if self._has_received:
            return NotSent(Cause.SPOKE_FIRST)
        return self._refusal or NotSent(CLOSED_BEHIND_HANDSHAKE if self._speaks_tls else Cause.CLOSED_FIRST)

    def close(self) -> None:
        """Close the connection, both directions at once: some receivers do not answer behind a half-closed one."""
        self.closed_behind = bool(self.closed_behind)  # it is not the receiver that closes
        self.line.receive_eof()
        self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self.closed_behind = bool(self.closed_behind)
        self._take(self.line.lose())
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read answers."""
        self._has_received = True
        if not self._first_at:
            self._first_at = monotonic()
        self._take(self.line.receive_data(data))

    def eof_received(self) -> bool:
        """Close: nothing more can be answered."""
        self._note_close()
        self._take(self.line.receive_eof())
        return False

    def pause_writing(self) -> None:
        """Note that octets are still ours."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Note that all octets have left."""
        self._is_paused = False
        self._take_left()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the verdict of the outstanding message."""
        self._alarm.disarm()
        self._note_close()
        self._refusal = self._refused_certificate(exc)
        events = self.line.lose()
        self._take([self._refusal] if events and self._refusal else events)
        if not self.closed.done():
            self.closed.set_result(None)

    def _refused_certificate(self, exc: Exception | None) -> NotSent | None:
        """Return the cause if the receiver's TLS refused us: then no octet of the message has reached the receiver."""
        if self._has_received or not isinstance(exc, ssl.SSLError):
            return None
        cause = why_no_tls(exc)
        if cause not in (WANTS_CERTIFICATE, NOT_TRUSTED_HERE):
            return None
        return NotSent(cause, None if self._diagnose is None else self._diagnose(exc))

    def _note_close(self) -> None:
        if self.closed_behind is None:
            is_idle = self._verdict is None and self._has_answered
            self.closed_behind = is_idle and self._loop.time() - self.used_at < BEHIND_SECONDS

    def _take_left(self) -> None:
        self._sent_at = monotonic()
        self.line.left()
        if self._left is not None and not self._left.done():
            self._left.set_result(None)

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, PassedOver):
                self._passed_over(self, event)
            elif self._verdict is not None and not self._verdict.done():
                self._has_answered |= isinstance(event, Answered)
                self._verdict.set_result(self._explained(event) if isinstance(event, MaybeSent) else event)
        if self._application_seconds is not None and self.line.awaits_application:
            self._set_time(self._application_seconds)
            self._application_seconds = None  # once: octets that dribble in do not lengthen the time
        if self.line.is_closed:
            self._transport.abort()

    def _explained(self, event: MaybeSent) -> MaybeSent:
        """Name the cause that TLS 1.3 hides: a client finishes its handshake before its certificate is checked."""
        is_first = self._speaks_tls and self.messages == 1 and not self._has_received
        if is_first and event.cause in (Cause.CLOSED, Cause.RESET):
            return MaybeSent(CLOSED_BEHIND_HANDSHAKE)
        return event

    def _set_time(self, seconds: float) -> None:
        """Wait so long for the next answer. The timer stays from one message to the next, as long as none is late."""
        self._due = self._loop.time() + seconds
        self._alarm.arm()

    def _time_out(self) -> None:
        self._take(self.line.time_out())
