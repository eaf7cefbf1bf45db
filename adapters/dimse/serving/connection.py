"""The shell of one association: owns the socket and the timers, and executes the commands of the acceptor."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, cast

from adapters.dimse.instance import Instance
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
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.protocol.statuses import Verdict
from adapters.dimse.service import Service
from adapters.dimse.serving.admission import Admission
from adapters.dimse.serving.delivery import Delivery
from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.holding import Holding
from adapters.dimse.serving.pausing import Pausing
from adapters.dimse.serving.phases import phase_of
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.sockets import duplicate
from adapters.dimse.serving.states import MOVES, Move, TransportState
from adapters.dimse.serving.ticker import Ticker
from adapters.dimse.serving.trace import Trace
from adapters.dimse.serving.turns import MOST_AT_ONCE, Turns
from adapters.dimse.serving.watch import PassedLimit, Phase, Watch
from adapters.dimse.serving.writer import PduWriter
from gateway.contract.meter import Rejection
from gateway.contract.sockets import acknowledge_now

LINGER_SECONDS = 1.0  # while draining: how long a peer may take to release or to disconnect


class Connection(asyncio.Protocol):
    """One peer. Its task ends when the peer is gone; cancelling the task cuts the peer off.

    Fragments go from :meth:`data_received` straight into the body of the instance.
    """

    _transport: asyncio.Transport
    _gate: Gate
    _report: Report

    def __init__(self, service: "Service[Connection]") -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._reader = PduReader(service.settings.max_pdu, self._takes_long_request)
        self._state = TransportState.CONNECTING
        self._gone = asyncio.Event()  # set in the state CLOSED, when all that belongs to the peer has ended
        self._titles = ("", "")

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the ARTIM timer and wait for a request (AE-5)."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self._peer = str(peer[0]), int(peer[1])
        port = (transport.get_extra_info("sockname") or ("", 0))[1]
        self._report = Report(self._service.name, self._peer, self._service.meter, port)
        self._trace = Trace(self._service.name, self._peer, self._service.meter)
        self._gate = Gate(self._transport)
        self._peer_policy = self._service.peer_policies.of(self._peer[0])
        self._admission = Admission(self._service, self, self._peer[0])
        self._acceptor = Acceptor(self._peer_policy.policy)
        self._watch = Watch(self._peer_policy.settings, self._loop.time())
        refusal = self._service.enter(self, self._peer[0], transport.get_extra_info("socket").fileno())
        duplicated = None if refusal else duplicate(self._transport)
        if duplicated is None:
            self._service.leave(self)
            self._report.refused(refusal or Rejection.CONNECTION_LIMIT)
            self._transport.abort()
            return
        self._socket = duplicated
        self._admit()

    def _admit(self) -> None:
        self._state = MOVES[self._state][Move.ADMIT]
        self._turns = Turns(self._acceptor, self._gate, self._take_turn, self._weigh)
        self._pausing = Pausing(self._gate, self._watch, self._report, self._turns.call_up)
        self._holding = Holding(self._service.limits, self._acceptor.backlog, self._reader, self._pausing, self._read)
        self._delivery = Delivery(self._service, self._report, self._pausing, self._holding, self._answer)
        self._writer = PduWriter(self._transport, self._socket, self._watch)
        self._start_timer(StartTimer())
        self._service.join(self, self._loop.create_task(self._live()))
        self._ticker = Ticker(self._watch.interval, self._look_at_limits, self._watch.stood_still)
        self._report.opened()

    def data_received(self, data: bytes) -> None:
        """Process received octets; P-DATA is in the window for the store when this call returns."""
        if self._state is TransportState.CONNECTING:
            return
        acknowledge_now(self._socket)
        self._watch.active_at = self._loop.time()
        self._watch.octets += len(data)
        self._read(data)

    def eof_received(self) -> None:
        """Treat a half-closed connection as lost: an association needs both directions."""
        if self._state is TransportState.OPEN:
            self._handle(Disconnected())

    def connection_lost(self, _: Exception | None) -> None:
        """End everything that belongs to the peer."""
        was_open = self._state is TransportState.OPEN
        self._state = MOVES[self._state][Move.LOSE]
        if was_open:
            self._service.leave(self)
            self._ticker.stop()
            self._pausing.cancel()
            self._handle(Disconnected())
            self._reader.stop()
            self._weigh()
            self._socket.close()
            self._gone.set()
            self._report.closed()

    def pause_writing(self) -> None:
        """Do not read the peer until it has read our answers."""
        self._writer.pause()
        self._pausing.hold(Hold.WRITE)

    def resume_writing(self) -> None:
        """Read the peer again."""
        self._writer.resume()
        self._gate.open(Hold.WRITE)
        self._turns.call_up()

    # What the listener calls

    def drain(self) -> None:
        """End the association: now when idle, else after the answer that is due.

        An idle peer gets an A-ABORT from the service user: many requestors do not understand an A-RELEASE-RQ from
        the acceptor, and a bare disconnection looks like a network fault.
        """
        if self._phase() is Phase.NEXT:
            self._handle(AbortRequest())
        if self._phase() in (Phase.REQUEST, Phase.END):
            self._linger()

    def is_idle(self) -> bool:
        """Whether nothing that the peer has begun is still going on."""
        phase = self._phase()
        return phase in (Phase.NEXT, Phase.END) or (phase is Phase.REQUEST and not self._reader.is_mid_pdu)

    def displace(self) -> None:
        """Abort at once: another connection needs the place."""
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
            await self._delivery.wait()

    # Event in, commands out

    def _read(self, data: bytes = b"") -> None:
        """Handle what the peer has sent, a little at a time: a flood of tiny PDUs must not keep others waiting."""
        for event in self._reader.receive_data(data, MOST_AT_ONCE):
            self._handle(event)
        self._weigh()
        if self._reader.has_more and self._state is TransportState.OPEN:
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

    def _take_turn(self) -> None:
        self._handle(Turn())

    def _weigh(self) -> None:
        self._holding.weigh(self._peer_policy.settings.window_bytes)

    def _meet(self, request: AssociateRq) -> None:
        """Find the policy of the peer, now that its AE title is known."""
        self._service.long_requests.discard(self)
        if self._acceptor.state is not State.AWAITING_REQUEST:
            return
        self._peer_policy = self._admission.peer_policy_of(request)
        self._acceptor.policy, self._watch.settings = self._peer_policy.policy, self._peer_policy.settings
        self._acceptor.refusal = self._admission.refusal(request, self._peer_policy)

    def _takes_long_request(self, fixed: bytes) -> bool:
        has_certificate = bool(self._transport.get_extra_info("peercert"))
        return self._admission.takes_long_request(fixed, has_certificate=has_certificate)

    def _send(self, command: Send) -> None:
        self._writer.send(command.data)
        if self._peer_policy.rate_limit is not None and self._acceptor.state is State.ESTABLISHED:
            allowed = self._peer_policy.settings.messages_per_second or 0.0
            self._pausing.slow_down(self._peer_policy.rate_limit, self._peer[0], allowed)

    def _start_timer(self, _: StartTimer) -> None:
        self._watch.artim_until = self._loop.time() + self._service.settings.artim_seconds
        if self._service.stopping:
            self._linger()

    def _stop_timer(self, _: StopTimer) -> None:
        self._watch.artim_until = None

    def _close(self, _: Close) -> None:
        self._writer.close()

    def _accept(self, command: Accepted) -> None:
        self._titles = (command.proposal.calling_ae_title, command.proposal.called_ae_title)
        self._service.admit(self, self._peer[0], self._peer_policy, self._report.peer)
        self._report.accepted(command)
        self._trace.accepted(command, self._peer_policy)

    def _reject(self, command: Rejected) -> None:
        self._report.rejected(command, self._admission.limit, self._peer_policy)
        self._trace.rejected(command, self._admission.limit, self._peer_policy)

    def _end(self, command: Ended) -> None:
        waited = self._delivery.waited_since()
        self._delivery.abandon()
        self._weigh()
        if command.was_established:
            self._service.dismiss(self, self._report.peer)
        self._report.ended(command, None if waited is None else self._loop.time() - waited)
        self._trace.ended(command)

    def _begin(self, command: Begin) -> None:
        if self._service.stopping:
            return self._handle(AbortRequest())
        return self._delivery.begin(command, self._peer_policy, self._titles, self._peer)

    def _feed(self, fragment: Fragment) -> None:
        self._delivery.feed(fragment, self._watch.active_at)

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

    # Time and flow

    def _answer(self, instance: Instance, verdict: Verdict) -> None:
        self._handle(Answer(int(verdict.status, 16), verdict.comment))
        self._watch.active_at = self._loop.time()
        self._watch.message_ended()
        self._service.answered(self, self._peer[0], stored=verdict.is_stored)
        self._report.answered(instance, verdict, self._watch.active_at - instance.arrived_at)
        self._trace.answered(instance, verdict)
        if self._service.stopping:
            self._linger()
        self._turns.call_up()

    def _look_at_limits(self, now: float) -> None:
        phase = self._phase()
        if phase is Phase.NEXT and self._gate.is_held(Hold.RATE):
            phase = Phase.ANSWER  # it is not read, so it is not idle
        lapse = self._watch.lapse(now, phase)
        if lapse is None:
            return
        self._report.lapsed(lapse)
        if lapse is PassedLimit.WRITE:
            self._writer.reset()
        elif phase in (Phase.REQUEST, Phase.END):
            if not self._service.stopping:  # then the peer had little time to read its last answer
                self._writer.reset_at_close()
            self._handle(TimerExpired())
        else:
            self._handle(AbortRequest())

    def _phase(self) -> Phase:
        return phase_of(self._acceptor, self._reader, self._gate)

    def _linger(self) -> None:
        self._watch.artim_until = self._loop.time() + LINGER_SECONDS
