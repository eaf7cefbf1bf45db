"""What a process that decodes images does at its start, and how it limits its own time."""

import ctypes
import os
import resource
import signal
import sys

READY = "ready"
"""What it sends first: the time of its start is not that of an order."""
PR_SET_DUMPABLE = 4  # prctl(2)


def prepare() -> None:
    """Leave ends by signals of the terminal to the other process, and let nothing of an image out but by the pipe."""
    for each in (signal.SIGINT, signal.SIGHUP):  # the other process ends this one
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    silence()
    dump_nothing()


def silence() -> None:
    """Send what this process and the libraries in it print to nowhere: decoders quote values."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def dump_nothing() -> None:
    """Disable core dumps: they hold the image at which a decoder crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A core_pattern that is a pipe ignores RLIMIT_CORE. A process that is not dumpable is not dumped there either.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def limit(seconds: float) -> None:
    """End this process by a signal after *seconds*, unless this is called again; with 0 never.

    The system sends the signal, so that it ends a decoder that hangs, also when nobody waits for this process any more.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
