"""The heartbeat of a worker: one octet a second through a pipe, as long as its event loop runs."""

import asyncio
import os
from contextlib import suppress

BEAT_SECONDS = 1.0


def beat(descriptor: int) -> None:
    """Write an octet to *descriptor* once a second, as long as the event loop runs. Never waits for the reader."""
    os.set_blocking(descriptor, False)
    loop = asyncio.get_running_loop()

    def once() -> None:
        with suppress(OSError):  # full or closed: the supervisor hangs or has died, which is noticed elsewhere
            os.write(descriptor, b"\0")
        loop.call_later(BEAT_SECONDS, once)

    once()


class HeartbeatMonitor:
    """The reading end: for how long no heartbeat has come.

    It adds up the nominal intervals between looks and reads no clock: the time for which a machine or a container was
    suspended does not count as silence of its workers.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self.silent_seconds = 0.0

    def look(self, seconds: float) -> None:
        """Read the heartbeats that came since the last look, which was about *seconds* seconds ago."""
        try:
            found = os.read(self._descriptor, 65536)
        except BlockingIOError:
            found = b""
        self.silent_seconds = 0.0 if found else self.silent_seconds + seconds
