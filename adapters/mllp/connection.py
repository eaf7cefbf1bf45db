"""One connected peer: socket, flow control and timers around the framer and the exchange.

``data_received`` cuts blocks and queues them; one task takes them in order, awaits their outcome, writes the answers.
Reading pauses while enough is queued, so a peer that pipelines is slowed down by TCP; also while all peers together
hold too much, and between the messages of a peer that sends more of them a second than it may.

A message whose peer leaves during its delivery is delivered to the end, since it is whole. Only the answer is lost: the
log says ``answer_undeliverable``, and the peer will send it again. What was still queued is dropped unanswered.
"""

import asyncio
from collections.abc import Sequence
from typing import cast

from adapters.hl7 import batch
from adapters.mllp.alarm import Alarm
from adapters.mllp.backlog import MOST_QUEUED, Backlog
from adapters.mllp.exchange import Exchange
from adapters.mllp.framing import BegunAgain, Block, Broken, Event, Framer, Skipped, frame
from adapters.mllp.linger import LINGER_SECONDS, LONGEST_LINGER_SECONDS, linger
from adapters.mllp.report import Report
from adapters.mllp.service import Service
from adapters.mllp.sockets import tune
from adapters.mllp.watch import Phase, Watch
from gateway.contract.backpressure import ReadGate
from gateway.contract.limits import Account, Throttle
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Stored
from gateway.contract.sockets import acknowledge_now, reset_at_close


class Connection(asyncio.Protocol):
    """The server makes one for each peer; its task is in ``service.tasks`` until the peer is gone."""

    def __init__(self, service: "Service[Connection]") -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._account: Account | None = None
        self._pending = Backlog()
        self._waiter: asyncio.Future[None] | None = None  # what the task waits for
        self._lost = asyncio.Event()
        self._active = self._received = self._loop.time()  # when something last happened, and was last received
        self._alarm = Alarm(self._due, self._time_out)
        self._write_timer: asyncio.TimerHandle | None = None
        self._admitted = False
        self._busy = False  # a block is in hand
        self._eof = False  # the peer sends nothing more
        self._ended = False  # we take nothing more
        self._leaving = False  # we send nothing more
        self._draining = self._is_writing_limited = False
        self._too_large: bytes | None = None  # the beginning of a block that is
        self._dropped = b""  # the beginning of the message that came before a 0B inside the block

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the peer in, or turn it away where a limit is reached."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("unknown", 0)
        self._peer = str(peer[0]), int(peer[1])
        self._report = Report(self._service.meter, self._service.name, f"{peer[0]}:{peer[1]}")
        self._terms = self._service.terms.of(self._peer[0])
        descriptor = transport.get_extra_info("socket").fileno()
        limit = None if self._service.stopping else self._service.enter(self, self._peer[0], self._terms, descriptor)
        if limit is not None:
            self._report.rejected(limit)
        if limit is not None or self._service.stopping:
            self._ended = True
            self._transport.abort()
        else:
            self._admit()

    def data_received(self, data: bytes) -> None:
        """Cut and queue what came in."""
        self._received = self._loop.time()
        if self._ended:
            return
        self._active = self._received
        self._cut(data)
        if self._framer.inside_block:
            acknowledge_now(self._socket)
            self._alarm.arm()
        if self._pending.has_plenty or self._framer.has_more:
            self._pause(Pause.QUEUE)
        self._tally()
        self._wake()

    def eof_received(self) -> bool:
        """Keep the connection for the answers still owed: the peer may have closed only its own side."""
        self._eof = True
        if self._admitted:
            self._gate.end()
        if not self._ended:
            for event in self._framer.receive_eof():
                self._take(event)
            self._end()
        if not self._transport.can_write_eof():
            # TLS ends in both directions at once. What is written from now on would be lost without a word, so the
            # transport has to say that it is closing.
            self._transport.close()
            return False
        return not self._leaving

    def pause_writing(self) -> None:
        """Start the clock for a peer that does not read its answers."""
        self._write_timer = self._loop.call_later(self._settings.write_seconds, self._give_up_writing)

    def resume_writing(self) -> None:
        """Go on after the peer has read."""
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back the peer's place; a delivery under way goes on."""
        if not self._admitted:
            return
        if self._framer.inside_block and not self._ended:
            self._report.rejected(Rejection.PEER_LOST)
        self._forget_pending()
        self._alarm.disarm()
        self._lost.set()
        self._end()
        self.resume_writing()
        self._service.leave(self)
        self._report.closed(exc)

    def drain(self) -> None:
        """Leave: now if idle, else after the answer to the block in hand. Those behind it stay unanswered."""
        self._draining = True
        if not self._busy and not self._pending:
            self._end()
            self._transport.close()
        self._wake()

    def is_idle(self) -> bool:
        """Whether no block has begun that is not answered."""
        return not (self._busy or self._pending or self._framer.inside_block or self._framer.held)

    def displace(self) -> None:
        """Leave at once: somebody else needs the place."""
        self._report.rejected(Rejection.DISPLACED)
        self._end()
        self._transport.abort()

    def _admit(self) -> None:
        self._admitted = True
        self._settings = self._terms.settings
        self._framer = Framer(self._settings.max_block, self._settings.block_end)
        self._watch = Watch(self._settings, self._active)
        self._gate = ReadGate[Pause](self._transport)
        if self._service.limits is not None:
            self._account = self._service.limits.account(
                lambda: self._pause(Pause.MEMORY), lambda: self._resume(Pause.MEMORY)
            )
        self._socket = self._transport.get_extra_info("socket")
        tune(self._socket)
        # No buffer of ours: the task goes on when an answer is out, and knows when one is stuck.
        if self._transport.can_write_eof():
            self._limit_writing(0)
        self._service.connections.add(self)
        self._report.opened()
        task = self._loop.create_task(self._run())
        self._service.tasks.add(task)
        task.add_done_callback(self._service.tasks.discard)
        self._alarm.arm()

    def _cut(self, data: bytes) -> None:
        for event in self._framer.receive_data(data, MOST_QUEUED):
            self._take(event)
        if self._framer.inside_block:
            self._watch.block_went_on(self._framer.block_offset, self._framer.kept, self._received)

    def _take(self, event: Event) -> None:
        match event:
            case Block(payload):
                self._pending.add(payload, self._received, self._dropped)
                self._dropped = b""
            case Skipped(count):
                self._report.skipped(count)
            case BegunAgain():
                self._report.begun_again(event)
                if batch.begins(event.beginning):
                    self._dropped = event.beginning
            case Broken():
                self._report.broken(event)
                self._too_large = event.beginning or None
                self._end()

    async def _run(self) -> None:
        try:
            await self._serve()
            await self._leave()
        except Exception as error:  # noqa: BLE001  one connection must not take the others down
            self._report.rejected(Rejection.INTERNAL_ERROR, error=type(error).__name__)
        finally:
            self._pending.answered()
            self._forget_pending()
            self._transport.abort()

    async def _serve(self) -> None:
        while (block := await self._next_block()) is not None:
            payload, arrived, dropped = block
            self._busy = self._watch.has_sent = True
            reply = await self._exchange().handle(payload, self._peer, dropped)
            sent = await self._send(reply.blocks)
            self._active = self._loop.time()
            await self._report.settled(reply, sent=sent, seconds=self._active - arrived)
            self._busy = False
            del block, payload, dropped
            self._pending.answered()
            self._tally()
            if reply.messages:
                stored = any(isinstance(each.outcome, Stored) for each in reply.messages)
                self._service.answered(self, self._peer[0], stored=stored)
            if self._terms.throttle is not None:
                await self._slow_down(self._terms.throttle)
            if reply.hang_up or reply.rejection or self._draining:
                return
        if self._too_large is not None and not self._lost.is_set():
            reply = self._terms.exchange.turn_away(self._too_large)
            sent = await self._send(reply.blocks)
            await self._report.settled(reply, sent=sent, seconds=self._loop.time() - self._received)

    def _exchange(self) -> Exchange:
        limits = self._service.limits
        if limits is None or not limits.is_exhausted:
            return self._terms.exchange
        self._service.meter.rejected(Rejection.MEMORY_LIMIT)
        return self._terms.shedding

    async def _slow_down(self, throttle: Throttle) -> None:
        """Read nothing, and take nothing that is queued, until the next message is due."""
        seconds = throttle.take(self._peer[0], self._active)
        if not seconds or self._ended:
            return
        self._pause(Pause.RATE)
        due = self._active + seconds
        while (left := due - self._loop.time()) > 0 and not (self._lost.is_set() or self._draining):
            timer = self._loop.call_later(left, self._wake)  # may be early by less than the clock's tick: look again
            await self._wait()
            timer.cancel()
        self._resume(Pause.RATE)

    async def _leave(self) -> None:
        """Close, reading on for a moment where the peer may still be sending."""
        self._end()
        self._leaving = True
        for reason in Pause:
            self._resume(reason)
        most = LINGER_SECONDS if self._too_large is None or self._draining else LONGEST_LINGER_SECONDS
        if self._too_large is not None and not self._eof and not self._transport.can_write_eof():
            await linger(self._lost, lambda: self._received, most)  # TLS ends in both directions at once
        if self._eof or not self._transport.can_write_eof():
            self._transport.close()  # over TLS it waits for the peer's own goodbye, with what came before it
        elif not self._transport.is_closing():
            self._transport.write_eof()
        await linger(self._lost, lambda: self._received, most)

    async def _next_block(self) -> tuple[bytes, float, bytes] | None:
        """Return the next block; None after the last one."""
        while not self._pending:
            if self._framer.has_more and not self._ended:
                self._go_on()
                continue
            if self._ended:
                return None
            if not self._alarm.armed:
                self._alarm.arm()
            await self._wait()
        block = self._pending.take()
        if not self._pending.has_plenty:
            self._go_on()
        return block

    async def _send(self, blocks: Sequence[bytes]) -> bool:
        """Send *blocks*; return whether the connection was there to the end of them.

        Each is a write of its own, in another turn of the loop than the one before: there are clients that take what
        one read brings for one acknowledgement, and uvloop sends together what is written in one turn.
        """
        for number, block in enumerate(blocks):
            if number:
                await asyncio.sleep(0)
            if self._lost.is_set():
                break
            self._transport.write(frame(block))
            if not self._is_writing_limited:
                self._limit_writing(1)
            while self._write_timer is not None:
                await self._wait()
        return not blocks or not (self._lost.is_set() or self._transport.is_closing())

    def _limit_writing(self, high: int) -> None:
        """Have pause_writing tell of every octet not taken.

        A TLS transport pauses from *high* octets on, and only after the first answer was written: before, it may hold
        the end of the handshake.
        """
        self._is_writing_limited = True
        self._transport.set_write_buffer_limits(high)

    def _go_on(self) -> None:
        """Cut more of what was received; read on where nothing is left of it."""
        if self._framer.has_more and not self._ended:
            self._cut(b"")
            self._tally()
        if not self._pending.has_plenty and not self._framer.has_more:
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

    def _tally(self) -> None:
        """Tell the account what this connection holds in memory."""
        if self._account is not None:
            arriving = 0 if self._ended else self._framer.kept + self._framer.held
            self._account.update(arriving + self._pending.octets)

    def _forget_pending(self) -> None:
        self._pending.drop()
        self._ended = True
        self._tally()

    def _end(self) -> None:
        """Take no more input; the task finishes what is queued and leaves."""
        self._ended = True
        self._wake()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _due(self) -> float | None:
        return None if self._ended else self._watch.due(self._phase(), self._active)

    def _time_out(self) -> None:
        self._report.rejected(self._watch.fault(self._phase(), self._active, self._loop.time()))
        self._end()

    def _phase(self) -> Phase:
        if self._framer.inside_block and not self._gate.is_closed:
            return Phase.MESSAGE
        if self._busy or self._pending or self._gate.is_held(Pause.RATE):
            return Phase.ANSWER
        return Phase.ROOM if self._framer.inside_block else Phase.NEXT

    def _give_up_writing(self) -> None:
        self._report.rejected(Rejection.WRITE_TIMEOUT)
        reset_at_close(self._socket)
        self._transport.abort()
