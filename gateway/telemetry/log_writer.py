"""Writes log lines from a thread, so that a slow or dead reader of the log does not delay messages.

A line goes into a queue that is bounded in lines and in octets. A line that does not fit is dropped and counted; so is
a line that cannot be written because the reader has gone or the disk is full.
"""

import atexit
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable

MOST_LINES, MOST_OCTETS = 10_000, 8 * 1024 * 1024
AT_ONCE = 4096
"""Most octets in one write: PIPE_BUF of Linux. Up to this size, writes of several processes to a pipe do not mix."""
AT_ONCE_ALONE = 64 * 1024
"""The same where no other process of the gateway writes lines: after each write the thread takes the interpreter."""
LINGER_SECONDS = 0.02
"""Wait for more lines before a write: each time the thread wakes up, it takes the interpreter from the event loop."""
LOOKED_AT = 64
"""Queued lines after which it is looked again whether the thread is alive: a look takes as long as queueing a line."""
FLUSH_SECONDS = 2.0
"""Longest wait for the reader at the end of the process."""
WRITABLE_SECONDS = 1.0


class LogWriter:
    """A queue of lines to be written to *descriptor*; structlog uses it as a file."""

    def __init__(
        self, descriptor: int, told: Callable[[int], None] = lambda _: None, most_lines: int = MOST_LINES
    ) -> None:
        self._descriptor = descriptor
        self._told = told
        """Called with the number of dropped lines, once the queue has been written."""
        self._most_lines = most_lines
        self._at_once = AT_ONCE
        self._lines: deque[bytes] = deque()
        self._octets = 0
        self._is_writing = False
        # The garbage collector may run while a line is queued, and what it finds may log a line.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._untold = 0
        self.dropped = 0
        """Number of lines dropped since the start."""

    def write(self, text: str) -> None:
        """Queue the line *text*. Never waits for the reader."""
        line = text.encode(errors="backslashreplace")
        with self._lock:
            count = len(self._lines)
            if count >= self._most_lines or self._octets + len(line) > MOST_OCTETS:
                self._drop(1)
                return
            self._lines.append(line)
            self._octets += len(line)
            if count % LOOKED_AT == 0 and (self._thread is None or not self._thread.is_alive()):
                self._start()
            if not count:
                self._changed.notify_all()

    def write_alone(self) -> None:
        """Write more at once from now on: no other process writes lines to the descriptor."""
        self._at_once = AT_ONCE_ALONE

    def flush(self, seconds: float = 0.0) -> bool:
        """Wait up to *seconds* until all lines are written; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._lines or self._is_writing), seconds)

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._untold += count

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="log", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system cannot start a thread now; the next line tries again
            return
        if self._thread is None:
            atexit.register(self.flush, FLUSH_SECONDS)
        self._thread, self._is_writing = thread, False  # an earlier one may have died while it wrote

    def _run(self) -> None:
        while True:
            self._wait_for_lines()
            lines = self._take()
            written = _written(self._descriptor, b"".join(lines))
            with self._changed:
                self._is_writing = False
                if not written:
                    self._drop(len(lines))
                untold, self._untold = (self._untold, 0) if written and not self._lines else (0, self._untold)
                self._changed.notify_all()
            if untold:
                self._told(untold)

    def _wait_for_lines(self) -> None:
        """Wait until there are lines; if the queue was empty, then wait LINGER_SECONDS, so that more lines come."""
        with self._changed:
            if self._lines:
                return
            self._changed.wait_for(lambda: self._lines)
        time.sleep(LINGER_SECONDS)

    def _take(self) -> list[bytes]:
        """Take as many lines as fit into one write, and at least one."""
        with self._changed:
            lines, most = self._lines, self._at_once
            taken = [lines.popleft()]
            size = len(taken[0])
            while lines and size + len(lines[0]) <= most:
                taken.append(line := lines.popleft())
                size += len(line)
            self._octets -= size
            self._is_writing = True
            return taken


def _written(descriptor: int, data: bytes) -> bool:
    """Write all of *data*, however long the reader takes; return False when it cannot be written."""
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # another process that shares the descriptor has set it to non-blocking
            select.select([], [descriptor], [], WRITABLE_SECONDS)
        except OSError:
            return False
    return True
