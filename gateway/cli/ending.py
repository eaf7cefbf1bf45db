"""How a command ends that is interrupted, or whose output nobody takes: quietly, as other Unix tools do."""

import os
import select
import sys
from collections.abc import Callable
from typing import TextIO

FAILED = 1
INTERRUPTED = 130
"""Exit status after Ctrl-C, the same as in shells: 128 and the number of SIGINT."""
CLOSED_PIPE = 141
"""Exit status where the reader of the output, such as head, has closed it: 128 and the number of SIGPIPE."""


def run_to_end(command: Callable[[], int]) -> int:
    """Run *command* and return its exit status; write out what it has printed, because at exit it would be too late."""
    try:
        try:
            return command()
        finally:
            _flush()
    except KeyboardInterrupt:
        _say("hilum: interrupted")
        return INTERRUPTED
    except _NotWritten as error:
        _say(f"hilum: the output cannot be written: {error}")
        return FAILED
    except BrokenPipeError:  # of a standard stream or of a socket
        closed = [stream for stream in (sys.stdout, sys.stderr) if stream is not None and _has_no_reader(stream)]
        if not closed:
            raise
        for stream in closed:
            _forget(stream)
        return CLOSED_PIPE


class _NotWritten(Exception):  # noqa: N818  it says what happened
    """Standard output takes nothing, for example because the disk is full."""


def _flush() -> None:
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget(sys.stdout)
        raise _NotWritten(error.strerror) from None


def _has_no_reader(stream: TextIO) -> bool:
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
    except (OSError, ValueError):  # it is closed, or has no descriptor
        return False
    return any(events & select.POLLERR for _, events in poll.poll(0))


def _forget(stream: TextIO) -> None:
    """Redirect *stream* to /dev/null: Python would try to write it again at exit, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  the command line speaks to a person
