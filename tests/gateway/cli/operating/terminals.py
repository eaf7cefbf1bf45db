"""A terminal with a program in it."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[4]


class Terminal:
    """What the program has written, and the keys for it."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self.master = master
        self.process = process
        self.written = ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read until *text* has been written since the last call; forget what was before it."""
        until = time.monotonic() + seconds
        while text not in self.written:
            assert time.monotonic() < until, f"no {text!r} in {self.written[-2000:]!r}"
            self.read(0.1)
        self.written = self.written.partition(text)[2]

    def read(self, seconds: float) -> bool:
        """Read what is there; return whether there may be more."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            octets = os.read(self.master, 65536)
        except OSError:  # the program has ended
            return False
        self.written += octets.decode()
        return bool(octets)

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self.master, key.encode())

    def end(self) -> int:
        """Read to the end; return the exit status."""
        until = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < until, self.written[-2000:]
            self.read(0.1)
        while self.read(0.1):  # what it wrote last may come after its end
            assert time.monotonic() < until, self.written[-2000:]
        return self.process.returncode

    def is_cooked(self) -> bool:
        """Whether lines are edited by the terminal, as before."""
        return bool(termios.tcgetattr(self.master)[3] & termios.ICANON)


@contextmanager
def terminal(*words: str, size: tuple[int, int] = (24, 80), term: str = "xterm") -> Iterator[Terminal]:
    """Run ``hilum`` with these words in a terminal of its own."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, size)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run of the tests in the background ignores it
        os.login_tty(slave)

    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", *words],
        cwd=ROOT,
        env={**os.environ, "TERM": term, "PYTHONPATH": str(ROOT)},
        preexec_fn=begin,  # noqa: PLW1509  no thread of the tests holds a lock that it needs
        close_fds=True,
        pass_fds=(slave,),
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(master)
