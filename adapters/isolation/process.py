"""A process that works on one order at a time, and is replaced when it ends or hangs.

Decoders of images are written in C: at some damaged octets one of them ends its process, or never returns. What may
meet such octets is done in a process of its own, so that only that one is lost.
"""

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

from adapters.isolation.child import READY
from gateway.contract.body import Buffer
from gateway.contract.errors import GatewayError

STARTING = 300.0
"""Seconds that a process has to start: it imports decoders, perhaps on a machine that has much to do."""
GRACE, MOMENT = 5.0, 0.5
"""Seconds that a process has to end after it was killed, and by itself after its pipe is closed."""
NOT_STARTED = "the process that decodes images does not start; is there enough memory?"


class LostError(Exception):
    """The process ended by itself while it worked on an order, or hung and was killed."""

    def __init__(self, *, has_hung: bool, status: int | None) -> None:
        super().__init__("the process has hung" if has_hung else "the process has ended")
        self.has_hung = has_hung
        self.status = status
        """Its exit status: below 0 the signal that has ended it."""


class NoProcessError(GatewayError):
    """There is no process for an order, for which the order is not to blame."""


class ClosedError(NoProcessError):
    """The process was closed, so that nobody knows what became of the order."""

    def __init__(self) -> None:
        super().__init__("the process that decodes images has been ended")


class IsolatedProcess:
    """One process, which is started when its first order comes, and again after it was lost.

    The methods block. Several threads may use them: their orders are done one after another.
    """

    def __init__(self, run: Callable[..., None], *arguments: object) -> None:
        """Take what runs in the process: a function of its end of a pipe and *arguments*, which sends READY first."""
        self._run, self._arguments = run, arguments
        # A new interpreter: a fork would copy threads and locks in any state.
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._one_order = Lock()
        self._guard = Lock()
        """Of ``_process``, which another thread may end."""
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def ask(self, order: object, seconds: float | None = None, octets: Buffer | None = None) -> Any:
        """Return the answer to an *order*, behind which *octets* are sent as they are.

        Raises LostError if the process ends before, or after *seconds*, when it is killed; NoProcessError if none can
        be started; ClosedError after :meth:`close`.
        """
        with self._one_order:
            connection = self._running()
            try:
                connection.send(order)
                if octets is not None:
                    connection.send_bytes(octets)
                if connection.poll(seconds):
                    return connection.recv()
                is_late = True
            except (EOFError, OSError):
                is_late = False
            status = self._stopped()
            if self._is_closed:
                raise ClosedError
            raise LostError(has_hung=is_late or status == -signal.SIGALRM, status=status)  # the signal of `child.limit`

    def close(self) -> None:
        """Kill the process, and start none any more; another thread that waits for it gets a ClosedError."""
        with self._guard:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()
        with self._one_order:
            self._stopped()

    def _running(self) -> Connection:
        """Return the pipe to a process that runs. One that has ended while it had no order is replaced."""
        if self._process is not None and not self._process.is_alive():
            self._stopped()
        return self._connection or self._started()

    def _started(self) -> Connection:
        """Return the pipe to a new process, once that is ready. Raises NoProcessError."""
        try:
            connection = self._connection = self._start()
            if connection.poll(STARTING) and connection.recv() == READY:
                return connection
        except (EOFError, OSError):
            pass
        self._stopped()
        raise ClosedError if self._is_closed else NoProcessError(NOT_STARTED)

    def _start(self) -> Connection:
        here, there = self._context.Pipe()
        with ExitStack() as unused, there, self._guard:  # the other end is closed here, so that its end shows
            unused.callback(here.close)
            if self._is_closed:
                raise ClosedError
            process = self._context.Process(target=self._run, args=(there, *self._arguments), daemon=True)
            process.start()
            self._process = process
            unused.pop_all()
        return here

    def _stopped(self) -> int | None:
        """End the process; return its exit status, None if there was none."""
        connection, self._connection = self._connection, None
        with self._guard:
            process, self._process = self._process, None
        if connection is not None:
            connection.close()
        if process is None:
            return None
        if process.is_alive():
            process.join(MOMENT)
        process.kill()  # it may hang in a decoder, where no signal is handled
        process.join(GRACE)
        status = process.exitcode
        if status is not None:
            process.close()
        return status
