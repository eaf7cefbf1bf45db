"""The whole terminal for a moment: its second screen, without a cursor, and keys without the return key.

Whatever ends the program in an ordinary way gives the terminal back: the end, an error, Ctrl-C, SIGTERM and SIGHUP.
"""

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

ENTER = "\x1b[?1049h\x1b[?25l"
"""The second screen of the terminal; no cursor."""
LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


class Ended(Exception):  # noqa: N818  it says what happened
    """A signal ends the program."""


@contextmanager
def full_screen() -> Iterator[None]:
    """Take the terminal of standard input and output, and give it back as it was."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    handlers = {each: signal.signal(each, _end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        _write(ENTER)
        yield
    finally:
        _give_back(descriptor, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _give_back(descriptor: int, before: list[int | list[bytes | int]]) -> None:
    try:
        _write(LEAVE)
    except OSError:  # the terminal is gone
        return
    finally:
        with suppress(termios.error):  # likewise
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _end(_: int, __: FrameType | None) -> None:
    raise Ended


def draw(lines: Sequence[str]) -> None:
    """Replace what is on the screen, line by line, so that it does not flicker."""
    _write(
        HOME + "".join(f"{line}{END_OF_LINE}\r\n" for line in lines[:-1]) + "".join(lines[-1:]) + END_OF_LINE + BELOW
    )


def key_within(seconds: float) -> str:
    """Return the key that is pressed within *seconds*; "" if none is, and ``q`` if nobody can press one any more."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    if not readable:
        return ""
    octets = os.read(sys.stdin.fileno(), 64)
    return octets[:1].decode("ascii", "replace") if octets else "q"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
