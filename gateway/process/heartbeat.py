"""A worker's sign of life: an octet through a pipe whenever its event loop has turned for a second."""

import asyncio
import os
from contextlib import suppress

BEAT_SECONDS = 1.0


def beat(descriptor: int) -> None:
    """Write to *descriptor* once a second as long as the running loop turns. Never waits for who reads."""
    os.set_blocking(descriptor, False)
    loop = asyncio.get_running_loop()

    def once() -> None:
        with suppress(OSError):  # full or closed: whoever reads stands still or has died, which others notice
            os.write(descriptor, b"\0")
        loop.call_later(BEAT_SECONDS, once)

    once()


class Pulse:
    """The other end: how long there has been no beat.

    It counts the looks, not the clock: when a machine or a container was suspended, its workers are not to blame.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self.silent_seconds = 0.0

    def look(self, seconds: float) -> None:
        """Take note of what came since the last look, about so many *seconds* ago."""
        try:
            found = os.read(self._descriptor, 65536)
        except BlockingIOError:
            found = b""
        self.silent_seconds = 0.0 if found else self.silent_seconds + seconds
