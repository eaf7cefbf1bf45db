"""The program of a validation process: it reads messages from its standard input and writes its verdicts.

It ends when its input ends, for example because the daemon has died. The processor time for a message is limited: at
the limit the system ends the process by SIGPROF, whatever it does. It holds patients' data, so it writes no core dumps.
"""

import ctypes
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from adapters.hl7.validation.message import Validator
from adapters.hl7.validation.orders import (
    MOST_FINDINGS,
    READY,
    Order,
    Verdict,
    frame,
    read_frame,
    read_order,
    write_verdict,
)
from adapters.hl7.validation.profile import read_profile
from gateway.contract.outcome import Finding

_PR_SET_DUMPABLE = 4  # prctl(2)
_OOM_SCORE = Path("/proc/self/oom_score_adj")  # proc(5)


def run(source: BinaryIO, sink: BinaryIO) -> None:
    """Validate the messages that come from *source* until it ends."""
    order, profile = read_frame(source), read_frame(source)
    if order is None or profile is None:
        return
    work = Work(read_order(order), profile)
    _say(sink, READY)
    while (charset := read_frame(source)) is not None and (data := read_frame(source)) is not None:
        _say(sink, work.do(data, charset.decode() or None))


class Work:
    """Validates each message as the daemon's order says."""

    def __init__(self, order: Order, profile: bytes) -> None:
        self._order = order
        self._validator = Validator(order.version, read_profile(profile) if profile else {}, order.checks)

    def do(self, data: bytes, charset: str | None) -> bytes:
        """Return the verdict on *data*."""
        signal.setitimer(signal.ITIMER_PROF, self._order.max_seconds)
        findings = self._counted(self._validator.findings(data, charset))
        told = tuple(islice(findings, MOST_FINDINGS))
        count = len(told) + sum(1 for _ in findings)
        signal.setitimer(signal.ITIMER_PROF, 0)
        return write_verdict(Verdict(count, told))

    def _counted(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Leave out the findings that the order ignores."""
        return (each for each in findings if not is_ignored(each.location, self._order.ignore))


def is_ignored(location: str | None, ignore: tuple[str, ...]) -> bool:
    """Return whether *location* is in one of the segments and fields *ignore*."""
    segment, _, field = (location or "").partition("^")
    number = field.split("^")[1:2]
    return segment in ignore or bool(number and f"{segment}-{number[0]}" in ignore)


def _say(sink: BinaryIO, data: bytes) -> None:
    sink.write(frame(data))
    sink.flush()


def _harden() -> None:
    """Write no core dump, and let no other process of the same user read the memory."""
    with suppress(OSError):  # if memory runs out, the system ends this process first; its message is validated again
        _OOM_SCORE.write_text("1000")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main() -> None:
    """Validate messages for the daemon that has started this process."""
    _harden()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    run(sys.stdin.buffer, sys.stdout.buffer)
