"""One connected peer: its place, its time limits and its end, in front of aiohttp's protocol, which reads the requests.

A request that was taken is delivered to the end although its peer leaves: only the answer is lost then. The peer may
close its own side after a request (half-close), and still gets the answer.
"""

import asyncio
from typing import TYPE_CHECKING, cast

from adapters.http.answers import Answer, Problem
from adapters.http.fhir.answers import answer_about
from adapters.http.serving.memory import Memory
from adapters.http.serving.report import Report
from adapters.http.serving.turns import GatedTransport, Hold, Turns
from gateway.contract.backpressure import ReadGate
from gateway.contract.lateness import LOOK_AGAIN_SECONDS, is_late
from gateway.contract.meter import Rejection
from gateway.contract.sockets import reset_at_close

if TYPE_CHECKING:
    from adapters.http.service import Service

TLS_HANDSHAKE = b"\x16"  # RFC 8446 5.1: the content type of the first record of every client
HEAD_TOO_SLOW = Problem(408, "timeout", "the head of the request did not come in time", Rejection.MESSAGE_TIMEOUT)


class Connection(asyncio.Protocol):
    """The server makes one for each peer; its task is in ``service.tasks`` until the peer is gone and answered."""

    def __init__(self, service: "Service[Connection]", served_by: asyncio.Protocol) -> None:
        self._service = service
        self._served_by = served_by
        self._loop = asyncio.get_running_loop()
        self._is_admitted = False
        self._has_spoken = False
        self._is_at_end = False
        """Whether the peer has closed its side."""
        self._is_lost = False
        self._head_begun = False
        """Whether octets have come that belong to no request that has begun."""
        self._has_last_answer = False
        self._request: asyncio.Task[object] | None = None
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the peer in, or turn it away where a limit is reached."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self.peer_ip, self.peer = str(peer[0]), f"{peer[0]}:{peer[1]}"
        port = (transport.get_extra_info("sockname") or ("", 0))[1]
        self.report = Report(self._service.meter, self._service.name, self.peer, port)
        self.policy = self._service.peer_policies.of(self.peer_ip)
        self._socket = transport.get_extra_info("socket")
        if self._service.stopping:
            self._transport.abort()
            return
        limit = self._service.enter(self, self.peer_ip, self.policy, self._socket.fileno())
        if limit is not None:
            self.report.turned_away(limit, self.policy.settings.max_connections_per_peer)
            self._transport.abort()
            return
        self._admit()

    def _admit(self) -> None:
        self._is_admitted = True
        self.memory = Memory(self._service.limits, self.report.paused)
        gate = ReadGate[Hold](self._transport)
        self._turns = Turns(gate, self._served_by.data_received)
        self._gated = cast("asyncio.Transport", GatedTransport(self._transport, gate))
        self._service.by_transport[self._gated] = self
        self.report.opened()
        if self._transport.can_write_eof():  # TLS holds back the end of the handshake otherwise (contract.unbuffered)
            self._transport.set_write_buffer_limits(0)
        self._served_by.connection_made(self._gated)
        task = self._loop.create_task(self._live())
        self._service.tasks.add(task)
        task.add_done_callback(self._service.tasks.discard)
        self._allow(self.policy.settings.idle_seconds, Rejection.IDLE_TIMEOUT)

    async def _live(self) -> None:
        """Wait for the end. If this is cancelled, the peer and its request are cut off."""
        try:
            await self._over.wait()
        finally:
            self._transport.abort()
            if self._request is not None:
                self._request.cancel()

    @property
    def is_certified(self) -> bool:
        """Whether TLS has verified a certificate of the peer."""
        return bool(self._transport.get_extra_info("peercert"))

    @property
    def is_ending(self) -> bool:
        """Whether the connection closes after the answer that is due."""
        return self._service.stopping or self._is_at_end or self._transport.is_closing()

    @property
    def is_lost(self) -> bool:
        """Whether the peer is gone."""
        return self._is_lost

    def begin(self) -> None:
        """Take note that a request has begun: the current task answers it."""
        self._request = asyncio.current_task()
        self._head_begun = False
        self._stop_timer()

    def finish(self) -> None:
        """Take note that the answer that is sent now is the last one.

        The server reads on for a while and forgets what comes, because a reset could take the answer away from the peer
        (RFC 9112 9.6), and closes then.
        """
        self._has_last_answer = True

    def end(self) -> None:
        """Take note that the request is answered."""
        self._request = None
        self.memory.hold(0)
        if self._is_lost:
            self._over.set()
        elif self.is_ending:
            self._transport.close()
        elif not self._has_last_answer:
            self._allow(self.policy.settings.idle_seconds, Rejection.IDLE_TIMEOUT)

    def drain(self) -> None:
        """Close the connection: now if no request has begun, else after its answer."""
        if self._request is None:
            self._transport.close()

    def is_idle(self) -> bool:
        """Whether no request has begun, not even with its first octet."""
        return self._request is None and not self._head_begun

    def displace(self) -> None:
        """Close at once: another connection needs the place."""
        self.report.turned_away(Rejection.DISPLACED)
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Pass *data* on, unless the peer starts a TLS handshake on a port without TLS."""
        if not self._is_admitted:
            return
        is_tls = not self._has_spoken and data.startswith(TLS_HANDSHAKE)
        self._has_spoken = True
        if is_tls and self._transport.get_extra_info("ssl_object") is None:
            self.report.rejected(Rejection.TLS_ON_PLAIN_PORT)
            self._transport.abort()
            return
        if self._request is None and not self._head_begun and not self._has_last_answer:
            self._head_begun = True
            self._allow(self.policy.settings.head_seconds, None)
        self._turns.put(data)

    def eof_received(self) -> bool:
        """Keep the connection for the answer to what has come: the peer may have closed only its own side."""
        if not self._is_admitted:
            return False
        self._is_at_end = True
        self._served_by.eof_received()
        return self._transport.can_write_eof() and not self.is_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back the peer's place; a delivery under way goes on."""
        if not self._is_admitted:
            return
        self._is_lost = True
        self._turns.drop()
        self._stop_timer()
        self.resume_writing()
        self._served_by.connection_lost(exc)
        self._service.leave(self, self._gated)
        self.report.closed(exc)
        if self._request is None:
            self.memory.hold(0)
            self._over.set()

    def pause_writing(self) -> None:
        """Start the clock for a peer that does not read its answers."""
        if self._is_admitted and self._write_timer is None:
            self._write_timer = self._loop.call_later(self.policy.settings.write_seconds, self._give_up)
            self._served_by.pause_writing()

    def resume_writing(self) -> None:
        """Go on after the peer has read, or is gone."""
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
            self._served_by.resume_writing()

    def _give_up(self) -> None:
        self.report.rejected(Rejection.WRITE_TIMEOUT)
        reset_at_close(self._socket)
        self._transport.abort()

    def _allow(self, seconds: float, reason: Rejection | None, *, again: bool = False) -> None:
        """Set the time limit of what the peer owes: a request (*reason*), or the rest of a head (None)."""
        self._stop_timer()
        due = self._loop.time() + seconds
        self._timer = self._loop.call_at(due, self._time_out, due, reason, again)

    def _time_out(self, due: float, reason: Rejection | None, again: bool) -> None:
        if is_late(due, self._loop.time()) and not again:  # the octets may be in the socket
            self._allow(LOOK_AGAIN_SECONDS, reason, again=True)
        elif reason is not None:
            self.report.rejected(reason)
            self._transport.close()
        else:
            self.report.refused(HEAD_TOO_SLOW, self.policy.settings.head_seconds)
            self._transport.write(_octets(answer_about(HEAD_TOO_SLOW)))
            self._transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _octets(answer: Answer) -> bytes:
    """Return a response of ours to a request that aiohttp does not know of yet."""
    fields = [*answer.headers, ("Content-Length", str(len(answer.body))), ("Connection", "close")]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {answer.status} Request Timeout\r\n{head}\r\n".encode() + answer.body
