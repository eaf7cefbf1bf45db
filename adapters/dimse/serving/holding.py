"""How much memory one association holds: its instance, its queued requests, and octets that are not parsed yet."""

import asyncio
from collections.abc import Callable

from adapters.dimse.protocol.backlog import Backlog
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.serving.flow import Hold
from adapters.dimse.serving.pausing import Pausing
from gateway.contract.limits import Account, SharedLimits


class Holding:
    """Counts for the memory limit that all connections share, and bounds the requests sent before their answers.

    *read* is called soon after a pause for that bound, since the reader has stopped in the middle of received octets.
    """

    def __init__(
        self,
        limits: SharedLimits | None,
        backlog: Backlog,
        reader: PduReader,
        pausing: Pausing,
        read: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._backlog = backlog
        self._reader = reader
        self._pausing = pausing
        self._read = read
        self._is_full = False
        self._instance = self._waiting = self._unread = 0
        self._account: Account | None = None
        if limits is not None:
            self._account = limits.account(lambda: pausing.hold(Hold.MEMORY), lambda: pausing.release(Hold.MEMORY))

    def instance_holds(self, octets: int) -> None:
        """Record how many octets are held of the instance in progress."""
        self._instance = octets
        if self._account is not None:
            self._account.update(octets + self._backlog.held + self._reader.held)

    def weigh(self, most: int) -> None:
        """Measure what is held; pause a peer whose queued requests hold more than *most* octets."""
        held, unread = self._backlog.held, self._reader.held
        if held == self._waiting and unread == self._unread:
            return
        self._waiting, self._unread = held, unread
        self.instance_holds(self._instance)
        if held > most and not self._is_full:
            self._is_full = True
            self._pausing.hold(Hold.QUEUE)
        elif held <= most // 2 and self._is_full:
            self._is_full = False
            self._pausing.release(Hold.QUEUE)
            self._loop.call_soon(self._read)
