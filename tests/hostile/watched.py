"""The gateway with a watch on its event loop: ``python -m tests.hostile.watched ...`` takes the arguments of ``hilum``.

A peer's waiting time has parts that are not the gateway's: on two cores it waits for its turn behind the attackers, the
store and the peers. The watch tells what is the gateway's own. It writes into the file ``held`` beside the
configuration, which is the last argument, the longest processor time that the loop's thread took between two beats.
"""

import asyncio
import mmap
import struct
import sys
import time
from pathlib import Path

import gateway.__main__  # noqa: F401  # sets up the imports, as for hilum itself
from gateway.cli import main as cli
from gateway.process import loop

BEAT_SECONDS = 0.002
HELD = struct.Struct("d")


class Held:
    """The longest time that the loop was held up, in a file that two processes share."""

    def __init__(self, configuration: Path) -> None:
        path = configuration.with_name("held")
        if not path.exists():
            path.write_bytes(bytes(HELD.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), HELD.size)

    @property
    def seconds(self) -> float:
        """The longest time since it was last set."""
        (seconds,) = HELD.unpack(self._shared[:])
        return float(seconds)

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._shared[:] = HELD.pack(seconds)


def watch(held: Held, watched: asyncio.AbstractEventLoop) -> None:
    """Take the time between two beats, again and again."""
    last = time.thread_time()

    def beat() -> None:
        nonlocal last
        now = time.thread_time()
        held.seconds = max(held.seconds, now - last)
        last = now
        watched.call_later(BEAT_SECONDS, beat)

    watched.call_soon(beat)


def main() -> int:
    """Run ``hilum``."""
    held, new = Held(Path(sys.argv[-1])), loop.new_event_loop

    def new_watched() -> asyncio.AbstractEventLoop:
        created = new()
        watch(held, created)
        return created

    loop.new_event_loop = new_watched
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
