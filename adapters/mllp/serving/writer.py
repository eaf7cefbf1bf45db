"""Sends the answers to one peer."""

import asyncio
from collections.abc import Sequence

from adapters.mllp.framing import frame
from adapters.mllp.serving.report import Report
from gateway.contract.lateness import LOOK_AGAIN_SECONDS, is_late
from gateway.contract.meter import Rejection
from gateway.contract.sockets import reset_at_close
from gateway.contract.unbuffered import UnbufferedWriter


class AnswerWriter(UnbufferedWriter):
    """Sends answers, and cuts off a peer that does not read them for *seconds*; *lost* is set when the peer is gone.

    Nothing is buffered here, so :meth:`send` returns when the system has taken the answers, and a peer that does not
    read is noticed.
    """

    def __init__(self, transport: asyncio.Transport, seconds: float, lost: asyncio.Event, report: Report) -> None:
        super().__init__(transport)
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._lost = lost
        self._report = report
        self._socket = transport.get_extra_info("socket")
        self._timer: asyncio.TimerHandle | None = None  # runs while the peer does not read
        self._waiter: asyncio.Future[None] | None = None  # what send waits for

    def send_one(self, block: bytes) -> bool | None:
        """Send *block*; return whether the connection was there to the end of it, or None if :meth:`rest` tells later.

        It is later only where the peer does not take the whole block at once.
        """
        if self._transport.is_closing():
            return False
        self.write(frame(block))
        return None if self._timer is not None else not self._transport.is_closing()

    async def rest(self) -> bool:
        """Return whether the connection was there until the peer had taken what was written."""
        while self._timer is not None:
            self._waiter = self._loop.create_future()
            await self._waiter
        return not (self._lost.is_set() or self._transport.is_closing())

    async def send(self, blocks: Sequence[bytes]) -> bool:
        """Send *blocks*; return whether the connection was there to the end of them.

        Each is written separately, in another iteration of the event loop than the one before: some clients take what
        one read brings for one acknowledgement, and uvloop sends together what is written in one iteration.
        """
        for number, block in enumerate(blocks):
            if number:
                await asyncio.sleep(0)
            if self._lost.is_set():
                break
            self.write(frame(block))
            await self.rest()
        return not blocks or not (self._lost.is_set() or self._transport.is_closing())

    def pause(self) -> None:
        """Start the clock for a peer that does not read its answers."""
        self._set_timer(self._seconds)

    def resume(self) -> None:
        """Go on after the peer has read, or is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _set_timer(self, seconds: float, *, again: bool = False) -> None:
        self._timer = self._loop.call_later(seconds, self._give_up, self._loop.time() + seconds, again)

    def _give_up(self, due: float, again: bool) -> None:
        if is_late(due, self._loop.time()) and not again:
            self._set_timer(LOOK_AGAIN_SECONDS, again=True)
            return
        self._report.rejected(Rejection.WRITE_TIMEOUT)
        reset_at_close(self._socket)
        self._transport.abort()
