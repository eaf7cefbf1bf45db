"""One connected peer: socket, flow control and timers around the framer and the exchange.

``data_received`` cuts blocks and queues them; one task takes them in order, awaits their outcome, writes the answers.
Reading pauses while enough is queued, so that TCP slows down a peer that pipelines; also while all peers together hold
too much memory, and between the messages of a peer that exceeds its rate limit.

A message whose peer leaves during its delivery is delivered to the end, since it is whole. Only the answer is lost: the
log says ``answer_undeliverable``, and the peer will send the message again. Queued messages are dropped unanswered.
"""

import asyncio
from typing import cast

from adapters.mllp.exchange import TURN
from adapters.mllp.service import Service
from adapters.mllp.serving.alarm import Alarm
from adapters.mllp.serving.incoming import Incoming
from adapters.mllp.serving.linger import LINGER_SECONDS, LONGEST_LINGER_SECONDS, linger
from adapters.mllp.serving.report import TOGETHER, Report
from adapters.mllp.serving.sockets import tune
from adapters.mllp.serving.states import (
    ADMIT,
    ANSWER,
    CLOSE,
    CLOSED,
    CLOSING,
    CONNECTING,
    DRAIN,
    DRAINING,
    IDLE,
    LOSE,
    MOVES,
    TAKE,
)
from adapters.mllp.serving.watch import Phase, Watch
from adapters.mllp.serving.writer import AnswerWriter
from gateway.contract.backpressure import ReadGate
from gateway.contract.limits import RateLimit
from gateway.contract.meter import Pause, Rejection
from gateway.contract.sockets import acknowledge_now


class Connection(asyncio.Protocol):
    """The server makes one for each peer; its task is in ``service.tasks`` until the peer is gone."""

    def __init__(self, service: "Service[Connection]") -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None  # what the task waits for
        self._state = CONNECTING
        self._in_a_row = 0  # blocks answered since other tasks got their turn, unless a store was waited for
        self._lost = asyncio.Event()  # set with the state CLOSED, for those who wait for it
        self._active = self._loop.time()  # when something last happened
        self._alarm = Alarm(self._due, self._time_out)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the peer in, or turn it away where a limit is reached."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self._peer = str(peer[0]), int(peer[1])
        port = (transport.get_extra_info("sockname") or ("", 0))[1]
        service = self._service
        self._report = Report(service.meter, service.name, f"{peer[0]}:{peer[1]}", port, service.senders)
        self._peer_policy = self._service.peer_policies.of(self._peer[0])
        descriptor = transport.get_extra_info("socket").fileno()
        limit = (
            None if self._service.stopping else self._service.enter(self, self._peer[0], self._peer_policy, descriptor)
        )
        if limit is not None:
            self._report.turned_away(limit, self._peer_policy.settings.max_connections_per_peer)
        if limit is not None or self._service.stopping:
            self._transport.abort()
        else:
            self._admit()

    def data_received(self, data: bytes) -> None:
        """Cut and queue what came in."""
        if self._state is CONNECTING:
            return
        incoming = self._incoming
        incoming.received_at = self._loop.time()
        if incoming.is_ended:
            return
        self._active = incoming.received_at
        incoming.cut(data)
        if incoming.framer.inside_block:
            acknowledge_now(self._socket)
            self._alarm.arm()
        if incoming.pending.has_plenty or incoming.framer.has_more:
            self._pause(Pause.QUEUE)
        incoming.tally()
        self._wake()

    def eof_received(self) -> bool:
        """Keep the connection for the answers still owed: the peer may have closed only its own side."""
        if self._state is not CONNECTING:
            self._gate.end()
            self._incoming.end()
            self._report.ended()
            self._wake()
        if not self._transport.can_write_eof():
            # TLS ends in both directions at once: what is written from now on would be lost silently. close() makes
            # `is_closing()` true, by which the writer knows.
            self._transport.close()
            return False
        return self._state is not CLOSING

    def pause_writing(self) -> None:
        """Start the clock for a peer that does not read its answers."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """Go on after the peer has read."""
        self._writer.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back the peer's place; a delivery under way goes on."""
        was_admitted = self._state is not CONNECTING
        self._state = MOVES[self._state][LOSE]
        if not was_admitted:
            return
        if self._incoming.inside_block and not self._incoming.is_ended:
            self._report.rejected(Rejection.PEER_LOST)
        self._incoming.drop()
        self._alarm.disarm()
        self._lost.set()
        self._wake()
        self._writer.resume()
        self._service.leave(self)
        self._report.closed(exc)

    def drain(self) -> None:
        """Close the connection: now if idle, else after the next answer. Blocks behind that one stay unanswered."""
        nothing_due = self._state in (IDLE, CLOSING) and not self._incoming
        self._state = MOVES[self._state][DRAIN]
        if nothing_due:
            self._end()
            self._transport.close()
        self._wake()

    def is_idle(self) -> bool:
        """Whether there is no unanswered block, not even the beginning of one."""
        return self._state in (IDLE, CLOSING) and not self._incoming.has_begun

    def displace(self) -> None:
        """Close at once: another connection needs the place."""
        self._report.turned_away(Rejection.DISPLACED)
        self._end()
        self._transport.abort()

    def _admit(self) -> None:
        self._state = MOVES[self._state][ADMIT]
        settings, limits, account = self._peer_policy.settings, self._service.limits, None
        if limits is not None:
            account = limits.account(lambda: self._pause(Pause.MEMORY), lambda: self._resume(Pause.MEMORY))
        self._gate = ReadGate[Pause](self._transport)
        self._watch = Watch(settings, self._active)
        self._incoming = Incoming(settings, self._watch, self._report, account, self._active)
        self._writer = AnswerWriter(self._transport, settings.write_seconds, self._lost, self._report)
        self._socket = self._transport.get_extra_info("socket")
        tune(self._socket)
        self._service.connections.add(self)
        self._report.opened()
        task = self._loop.create_task(self._run())
        self._service.tasks.add(task)
        task.add_done_callback(self._service.tasks.discard)
        self._alarm.arm()

    async def _run(self) -> None:
        try:
            await self._serve()
            await self._leave()
        except Exception as error:  # noqa: BLE001  one connection must not take the others down
            self._report.rejected(Rejection.INTERNAL_ERROR, error=type(error).__name__)
        finally:
            self._incoming.answered()
            self._incoming.drop()
            self._transport.abort()

    async def _serve(self) -> None:
        incoming, pending, writer = self._incoming, self._incoming.pending, self._writer
        while pending.count or await self._has_block():
            if self._in_a_row >= TURN:
                self._in_a_row = 0
                await asyncio.sleep(0)
            self._in_a_row += 1
            payload, arrived, dropped = pending.take()
            if incoming.framer.has_more or self._gate.is_closed:
                self._go_on()
            self._state = MOVES[self._state][TAKE]
            self._watch.has_sent = True
            reply = await self._service.exchange(self._peer_policy).handle(payload, self._peer, dropped)
            is_one = len(reply.blocks) == 1
            sent = writer.send_one(reply.blocks[0]) if is_one else None
            if sent is None:
                sent = await (writer.rest() if is_one else writer.send(reply.blocks))
            self._active = self._loop.time()
            if len(reply.messages) <= TOGETHER:
                self._report.settled_few(reply, sent=sent, seconds=self._active - arrived)
            else:
                await self._report.settled(reply, sent=sent, seconds=self._active - arrived)
            self._state = MOVES[self._state][ANSWER]
            del payload, dropped
            pending.answered()
            incoming.tally()
            if reply.messages:
                self._service.answered(self, self._peer[0], stored=reply.has_stored())
            if self._peer_policy.rate_limit is not None:
                await self._slow_down(self._peer_policy.rate_limit)
            if reply.hang_up or reply.rejection or self._state is DRAINING:
                return
        if self._incoming.too_large is not None and self._state is not CLOSED:
            reply = self._peer_policy.exchange.turn_away(self._incoming.too_large)
            sent = await self._writer.send(reply.blocks)
            await self._report.settled(reply, sent=sent, seconds=self._loop.time() - self._incoming.received_at)

    async def _slow_down(self, rate_limit: RateLimit) -> None:
        """Read nothing, and take no queued block, until the rate limit allows the next message."""
        seconds = rate_limit.take(self._peer[0], self._active)
        if not seconds or self._incoming.is_ended:
            return
        self._pause(Pause.RATE)
        self._report.noticer.slowed(self._active, self._peer_policy.settings.messages_per_second or 0.0, seconds)
        due = self._active + seconds
        while (left := due - self._loop.time()) > 0 and self._state is IDLE:
            timer = self._loop.call_later(left, self._wake)  # may fire early by less than the clock's tick: check again
            await self._wait()
            timer.cancel()
        self._resume(Pause.RATE)

    async def _leave(self) -> None:
        """Close, reading on for a moment where the peer may still be sending."""
        incoming, is_draining = self._incoming, self._state is DRAINING
        most = LINGER_SECONDS if incoming.too_large is None or is_draining else LONGEST_LINGER_SECONDS
        self._end()
        self._state = MOVES[self._state][CLOSE]
        for reason in Pause:
            self._resume(reason)
        if incoming.too_large is not None and not incoming.is_at_end and not self._transport.can_write_eof():
            await linger(self._lost, lambda: incoming.received_at, most)  # TLS ends in both directions at once
        if incoming.is_at_end or not self._transport.can_write_eof():
            self._transport.close()  # over TLS it waits for the peer's close_notify, and what comes before it
        elif not self._transport.is_closing():
            self._transport.write_eof()
        await linger(self._lost, lambda: incoming.received_at, most)

    async def _has_block(self) -> bool:
        """Wait until a block is queued; return False after the last one."""
        incoming = self._incoming
        while not incoming.pending.count:
            if incoming.is_ended:
                return False
            if incoming.framer.has_more:
                self._go_on()
                continue
            if not self._alarm.armed:
                self._alarm.arm()
            self._in_a_row = 0
            self._waiter = self._loop.create_future()
            await self._waiter
        return True

    def _go_on(self) -> None:
        """Cut more of what was received, unless enough is queued; read on where nothing is left of it."""
        incoming = self._incoming
        if incoming.pending.has_plenty:
            return
        if incoming.framer.has_more and not incoming.is_ended:
            incoming.cut()
            incoming.tally()
        if not incoming.pending.has_plenty and not incoming.framer.has_more:
            self._resume(Pause.QUEUE)

    def _pause(self, reason: Pause) -> None:
        was_closed = self._gate.is_closed
        if not self._gate.close(reason):
            return
        self._report.paused(reason)
        if not was_closed:
            self._watch.pause(self._loop.time())
        self._alarm.arm()

    def _resume(self, reason: Pause) -> None:
        if self._gate.open(reason):
            self._active = self._loop.time()
            self._watch.resume(self._active)
            self._alarm.arm()

    def _end(self) -> None:
        """Take no more input; the task answers what is queued, and then closes."""
        self._incoming.stop()
        self._wake()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _due(self) -> float | None:
        return None if self._incoming.is_ended else self._watch.due(self._phase(), self._active)

    def _time_out(self) -> None:
        self._report.rejected(self._watch.fault(self._phase(), self._active, self._loop.time()))
        self._end()

    def _phase(self) -> Phase:
        if self._incoming.inside_block and not self._gate.is_closed:
            return Phase.MESSAGE
        if self._state is not IDLE or self._incoming or self._gate.is_held(Pause.RATE):
            return Phase.ANSWER
        return Phase.ROOM if self._incoming.inside_block else Phase.NEXT
