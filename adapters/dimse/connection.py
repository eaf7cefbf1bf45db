"""The shell of one association: owns the socket and the timers, and obeys the commands of the acceptor."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, cast

from adapters.dimse.body import IncomingBody
from adapters.dimse.flow import Gate, Hold
from adapters.dimse.instance import Instance, refusal_of
from adapters.dimse.protocol.associate import decode_titles
from adapters.dimse.protocol.association import Accepted, Acceptor, Close, Ended, Rejected, StartTimer, State, StopTimer
from adapters.dimse.protocol.events import (
    AbortRequest,
    Answer,
    AssociateRq,
    Disconnected,
    Event,
    Fragment,
    TimerExpired,
    Turn,
)
from adapters.dimse.protocol.exchange import Begin, Send
from adapters.dimse.protocol.items import has_too_many
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.protocol.statuses import NO_ROOM, OUR_FAULT, Verdict
from adapters.dimse.report import Report
from adapters.dimse.service import Service
from adapters.dimse.sockets import duplicate
from adapters.dimse.storage import part10_header
from adapters.dimse.watch import Lapse, Phase, Watch
from gateway.contract.limits import Account, Throttle
from gateway.contract.meter import Pause, Rejection
from gateway.contract.sockets import acknowledge_now, reset_at_close

MOST_AT_ONCE = 32
"""Events of one peer that are handled before others get their turn: a read of PDUs of 16 KiB each has no more."""
LINGER_SECONDS = 1.0  # while draining: how long a peer may take to release or to hang up


class Connection(asyncio.Protocol):
    """One peer. Its task ends when the peer is gone; cancelling the task cuts the peer off.

    Fragments go from :meth:`data_received` straight into the body of the instance. Its delivery is a task of its own,
    so that an abort can tear down the half-sent request to the store while the socket still says goodbye.
    """

    _transport: asyncio.Transport
    _gate: Gate
    _report: Report

    def __init__(self, service: "Service[Connection]") -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._reader = PduReader(service.settings.max_pdu, self._takes_long_request)
        self._account: Account | None = None
        self._is_writing_limited = self._is_called_up = False
        self._octets_of_instance = self._octets_waiting = self._octets_unread = 0
        self._rate_timer: asyncio.TimerHandle | None = None
        self._gone = asyncio.Event()
        self._titles = ("", "")
        self._limit = Rejection.CONNECTION_LIMIT
        self._instance: Instance | None = None
        self._delivery: asyncio.Task[None] | None = None

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the ARTIM timer and wait for a request (AE-5)."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self._peer = str(peer[0]), int(peer[1])
        self._report = Report(self._service.name, self._peer[0], self._service.meter)
        self._gate = Gate(self._transport)
        self._terms = self._service.terms.of(self._peer[0])
        self._acceptor = Acceptor(self._terms.policy)
        self._watch = Watch(self._terms.settings, self._loop.time())
        refusal = self._service.enter(self, self._peer[0], transport.get_extra_info("socket").fileno())
        duplicated = None if refusal else duplicate(self._transport)
        if duplicated is None:
            self._service.leave(self)
            self._report.refused(refusal or Rejection.CONNECTION_LIMIT)
            self._transport.abort()
            return
        self._socket = duplicated
        if self._transport.can_write_eof():
            self._limit_writing(0)
        if self._service.limits is not None:
            self._account = self._service.limits.account(
                lambda: self._hold(Hold.MEMORY), lambda: self._release(Hold.MEMORY)
            )
        self._start_timer(StartTimer())
        self._service.join(self, self._loop.create_task(self._live()))
        self._ticker = self._loop.call_later(self._watch.interval, self._tick)
        self._report.opened()

    def data_received(self, data: bytes) -> None:
        """Read on; P-DATA reaches the store's window within this call."""
        acknowledge_now(self._socket)
        self._watch.active_at = self._loop.time()
        self._watch.octets += len(data)
        self._read(data)

    def eof_received(self) -> None:
        """Take a half-closed connection for a lost one: an association needs both directions."""
        self._handle(Disconnected())

    def connection_lost(self, _: Exception | None) -> None:
        """End everything that belongs to the peer."""
        if self._service.leave(self):
            self._ticker.cancel()
            if self._rate_timer is not None:
                self._rate_timer.cancel()
            self._handle(Disconnected())
            self._reader.stop()
            self._weigh_backlog()
            self._socket.close()
            self._gone.set()
            self._report.closed()

    def pause_writing(self) -> None:
        """Let the peer read before it may send more."""
        self._watch.blocked_since = self._loop.time()
        self._hold(Hold.WRITE)

    def resume_writing(self) -> None:
        """Read on."""
        self._watch.blocked_since = None
        self._gate.open(Hold.WRITE)
        self._call_up()

    # What the listener calls

    def drain(self) -> None:
        """Leave now when idle, else after the answer that is due.

        An idle peer gets an A-ABORT from the service user: many requestors do not understand an A-RELEASE-RQ from
        the acceptor, and a bare disconnection looks like a network fault.
        """
        if self._phase() is Phase.NEXT:
            self._handle(AbortRequest())
        if self._phase() in (Phase.REQUEST, Phase.END):
            self._linger()

    def is_idle(self) -> bool:
        """Whether the peer has not begun anything that would still be going on."""
        phase = self._phase()
        return phase in (Phase.NEXT, Phase.END) or (phase is Phase.REQUEST and not self._reader.is_mid_pdu)

    def displace(self) -> None:
        """Leave at once: somebody else needs the place."""
        self._report.displaced()
        self._handle(AbortRequest())
        self._close(Close())

    async def _live(self) -> None:
        try:
            await self._gone.wait()
        finally:
            self._handle(AbortRequest())  # when the task is cancelled; else the association is over already
            self._transport.abort()
            await self._gone.wait()
            if self._delivery is not None:
                await asyncio.wait({self._delivery})

    # Event in, commands out

    def _read(self, data: bytes = b"") -> None:
        """Handle what the peer has sent, a little at a time: a flood of tiny PDUs must not keep others waiting."""
        for event in self._reader.receive_data(data, MOST_AT_ONCE):
            self._handle(event)
        self._weigh_backlog()
        if self._reader.has_more and not self._gone.is_set():
            self._gate.close(Hold.TURN)
            if not self._gate.is_held(Hold.QUEUE):
                self._loop.call_soon(self._read)
        elif self._gate.is_held(Hold.TURN):
            self._gate.open(Hold.TURN)

    def _handle(self, event: Event) -> None:
        if isinstance(event, AssociateRq):
            self._meet(event)
        for command in self._acceptor.handle(event):
            self.OBEY[type(command)](self, command)

    def _go_on(self) -> None:
        """Take what has waited for its turn, a little at a time, and no faster than it would be read."""
        self._is_called_up = False
        for _ in range(MOST_AT_ONCE):
            if not self._may_go_on:
                break
            self._handle(Turn())
        self._weigh_backlog()
        self._call_up()

    def _call_up(self) -> None:
        """Have what waits go on soon, not now: whoever calls may be in the middle of a command."""
        if self._may_go_on and not self._is_called_up:
            self._is_called_up = True
            self._loop.call_soon(self._go_on)

    @property
    def _may_go_on(self) -> bool:
        return self._acceptor.has_turn and not any(map(self._gate.is_held, (Hold.RATE, Hold.STORE, Hold.WRITE)))

    def _weigh_backlog(self) -> None:
        """Have a peer wait that sends on and on without its answers."""
        held, unread = self._acceptor.backlog.held, self._reader.held
        if held == self._octets_waiting and unread == self._octets_unread:
            return
        self._octets_waiting, self._octets_unread = held, unread
        self._count_octets(self._octets_of_instance)
        most = self._terms.settings.window_bytes
        if held > most:
            self._hold(Hold.QUEUE)
        elif held <= most // 2 and self._gate.is_held(Hold.QUEUE):
            self._release(Hold.QUEUE)
            self._loop.call_soon(self._read)  # which stopped in the middle of what it was given

    def _count_octets(self, of_instance: int) -> None:
        self._octets_of_instance = of_instance
        if self._account is not None:
            self._account.update(of_instance + self._acceptor.backlog.held + self._reader.held)

    def _meet(self, request: AssociateRq) -> None:
        """Find the terms of the peer, now that it has said its name."""
        self._service.long_requests.discard(self)
        if self._acceptor.state is not State.AWAITING_REQUEST:
            return
        self._terms = self._service.terms.of(self._peer[0], decode_titles(request.pdu)[0])
        self._acceptor.policy, self._watch.settings = self._terms.policy, self._terms.settings
        self._acceptor.refusal = self._refusal(request)

    def _takes_long_request(self, fixed: bytes) -> bool:
        """Whether to read an association request that is longer than most, by its *fixed* fields."""
        is_named = self._service.terms.names(self._peer[0], decode_titles(fixed)[0])
        has_certificate = bool(self._transport.get_extra_info("peercert"))
        return self._service.takes_long_request(self, is_known=is_named or has_certificate)

    def _refusal(self, request: AssociateRq) -> Refusal | None:
        if self._service.is_draining:
            return Refusal.CONGESTION
        limit = self._service.limit_reached(self._peer[0], self._terms)
        if limit is None and not request.is_whole:
            limit = Rejection.TOO_LARGE
        if limit is None and has_too_many(request.pdu):
            limit = Rejection.TOO_MANY_ITEMS
        self._limit = limit or self._limit
        return Refusal.LOCAL_LIMIT if limit else None

    def _send(self, command: Send) -> None:
        if not self._transport.is_closing():
            self._transport.write(command.data)
            if not self._is_writing_limited:
                self._limit_writing(1)
        if self._terms.throttle is not None and self._acceptor.state is State.ESTABLISHED:
            self._slow_down(self._terms.throttle)

    def _slow_down(self, throttle: Throttle) -> None:
        """Read nothing until the next message is due."""
        now = self._loop.time()
        seconds = throttle.take(self._peer[0], now)
        if not seconds:
            return
        self._hold(Hold.RATE)
        if self._rate_timer is not None:
            self._rate_timer.cancel()
        self._rate_timer = self._loop.call_at(now + seconds, self._release, Hold.RATE)

    def _start_timer(self, _: StartTimer) -> None:
        self._watch.artim_until = self._loop.time() + self._service.settings.artim_seconds
        if self._service.is_draining:
            self._linger()

    def _stop_timer(self, _: StopTimer) -> None:
        self._watch.artim_until = None

    def _close(self, _: Close) -> None:
        if self._transport.get_write_buffer_size():
            self._reset()  # a peer that does not read could keep a closing transport for ever
        else:
            self._transport.close()

    def _reset(self) -> None:
        reset_at_close(self._socket)
        self._transport.abort()

    def _accept(self, command: Accepted) -> None:
        self._titles = (command.proposal.calling_ae_title, command.proposal.called_ae_title)
        self._service.admit(self, self._peer[0], self._terms)
        self._report.accepted(command)

    def _reject(self, command: Rejected) -> None:
        self._report.rejected(command, self._limit)

    def _end(self, command: Ended) -> None:
        if self._delivery is not None:
            self._delivery.cancel()
        if self._instance is not None:
            self._instance.body.discard()
            self._instance = None
        self._weigh_backlog()
        if command.was_established:
            self._service.dismiss(self)
        self._report.ended(command)

    def _begin(self, command: Begin) -> None:
        if self._service.is_draining:
            return self._handle(AbortRequest())
        refusal = refusal_of(command.request, self._terms.policy) or self._shed()
        header = b"" if refusal else part10_header(command.request, command.context, self._titles[0])
        body = IncomingBody(
            header,
            self._terms.settings.window_bytes,
            lambda: self._hold(Hold.STORE),
            lambda: self._release(Hold.STORE),
            self._count_octets,
        )
        self._instance = Instance(command, body, self._titles, self._service.name, self._peer)
        self._delivery = self._loop.create_task(self._settle(self._instance, refusal))
        return None

    def _shed(self) -> Verdict | None:
        limits = self._service.limits
        if limits is None or not limits.is_exhausted:
            return None
        self._service.meter.rejected(Rejection.MEMORY_LIMIT)
        return NO_ROOM

    def _feed(self, fragment: Fragment) -> None:
        if self._instance is None:
            return
        self._instance.feed(fragment.data)
        if fragment.is_last:
            self._service.meter.received(self._instance.body.received)
            self._instance.finish(self._watch.active_at)

    OBEY: ClassVar[dict[type, Callable[["Connection", Any], None]]] = {
        Send: _send,
        StartTimer: _start_timer,
        StopTimer: _stop_timer,
        Close: _close,
        Accepted: _accept,
        Rejected: _reject,
        Ended: _end,
        Begin: _begin,
        Fragment: _feed,
    }

    # The instance in progress

    async def _settle(self, instance: Instance, refusal: Verdict | None) -> None:
        try:
            verdict = await instance.settle(self._service.deliver, refusal)
        except (Exception, asyncio.CancelledError) as error:
            if self._instance is not instance:
                raise  # it was abandoned, and this is how it learns
            self._report.failed(instance, error)
            verdict = await instance.settle(self._service.deliver, OUR_FAULT)
        self._answer(instance, verdict)

    def _answer(self, instance: Instance, verdict: Verdict) -> None:
        self._instance = self._delivery = None
        self._handle(Answer(int(verdict.status, 16), verdict.comment))
        self._watch.active_at = self._loop.time()
        self._watch.message_ended()
        self._service.answered(self, self._peer[0], stored=verdict.is_stored)
        self._report.answered(instance, verdict, self._watch.active_at - instance.arrived_at)
        if self._service.is_draining:
            self._linger()
        self._call_up()

    # Time and flow

    def _tick(self) -> None:
        self._ticker = self._loop.call_later(self._watch.interval, self._tick)
        phase = self._phase()
        if phase is Phase.NEXT and self._gate.is_held(Hold.RATE):
            phase = Phase.ANSWER  # it is not read, so it is not idle
        lapse = self._watch.lapse(self._loop.time(), phase)
        if lapse is None:
            return
        self._report.lapsed(lapse)
        if lapse is Lapse.WRITE:
            self._reset()
        elif phase in (Phase.REQUEST, Phase.END):
            if not self._service.is_draining:  # then the peer had little time to read its last answer
                reset_at_close(self._socket)
            self._handle(TimerExpired())
        else:
            self._handle(AbortRequest())

    def _phase(self) -> Phase:
        state, exchange = self._acceptor.state, self._acceptor.exchange
        if state is State.AWAITING_REQUEST:
            return Phase.REQUEST
        if state in (State.CLOSING, State.CLOSED):
            return Phase.END
        if not exchange.is_receiving and (exchange.is_answer_due or self._acceptor.backlog):
            return Phase.ANSWER  # although the next message may have begun
        if exchange.is_receiving or self._reader.is_mid_pdu:
            return Phase.ANSWER if self._gate.is_held_here else Phase.MESSAGE
        return Phase.NEXT

    def _linger(self) -> None:
        self._watch.artim_until = self._loop.time() + LINGER_SECONDS

    def _hold(self, hold: Hold) -> None:
        if not self._gate.is_held(hold):
            self._report.paused(Pause(hold.value))
            self._gate.close(hold)

    def _release(self, hold: Hold) -> None:
        self._watch.active_at = self._loop.time()
        self._gate.open(hold)
        self._call_up()

    def _limit_writing(self, high: int) -> None:
        """Have pause_writing tell of every octet not taken.

        A TLS transport pauses from *high* octets on, and only after the first answer was written: before, it holds the
        end of the handshake (TLS 1.2: Finished; 1.3: tickets), which uvloop's sends only while it reads. Paused for
        that, it would neither read nor send again.
        """
        self._is_writing_limited = True
        self._transport.set_write_buffer_limits(high)
