"""Runs Hilum with a journal that is on and off in turns: ``switched.py FILE SETTLING TURN serve ...``.

Off, neither connections nor deliveries tell the journal of a message, as in a version that has none. SIGUSR1 begins the
turns, of which each begins with SETTLING seconds that do not count. A second SIGUSR1 ends them, and writes to FILE a
JSON list of ``[is_on, messages, nanoseconds of the event loop's thread, those of the process]``.
"""

import asyncio
import json
import runpy
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

sys.path[0] = str(Path.cwd())

from adapters.mllp.exchange import Reply, Settled  # noqa: E402  the package of the working directory
from adapters.mllp.serving.report import Report  # noqa: E402  likewise
from gateway.contract.journal import Passages  # noqa: E402  likewise
from gateway.flow.delivery import Delivery  # noqa: E402  likewise

Reading = tuple[int, int, int]
"""Messages, and nanoseconds of the event loop's thread and of the process, so far."""

_init, _answered, _record = Delivery.__init__, Report.answered, Report._record
_deliveries: list[tuple[Delivery, Passages | None]] = []


def _keep(self: Delivery, *arguments: object, **more: object) -> None:
    _init(self, *arguments, **more)  # type: ignore[arg-type]
    _deliveries.append((self, self._passages))


def _nothing(_: Report, __: Settled, ___: str, ____: float) -> None:
    """Tell nobody."""


class Turns:
    """The turns of one process, in the order on, off, off, on."""

    def __init__(self, path: Path, settling: float, turn: float) -> None:
        self._path, self._settling, self._turn = path, settling, turn
        self._answered = 0
        self._told: list[tuple[int, ...]] = []
        self._runs = False

    def answered(self, report: Report, reply: Reply, seconds: float) -> None:
        """Count the messages of a reply, and have them told."""
        self._answered += len(reply.messages)
        _answered(report, reply, seconds)

    def signalled(self, _: int, __: FrameType | None) -> None:
        """Begin, or end."""
        if self._runs:
            self._runs = False
            partial = self._path.with_suffix(".part")
            partial.write_text(json.dumps(self._told))
            partial.rename(self._path)
            _switch(is_on=True)
        else:
            self._runs = True
            self._begin(0)

    def _begin(self, number: int) -> None:
        if self._runs:
            is_on = number % 4 in (0, 3)
            _switch(is_on=is_on)
            asyncio.get_running_loop().call_later(self._settling, self._settled, number, is_on)

    def _settled(self, number: int, is_on: bool) -> None:
        asyncio.get_running_loop().call_later(self._turn, self._ends, number, is_on, self._reading())

    def _ends(self, number: int, is_on: bool, before: Reading) -> None:
        now = self._reading()
        self._told.append((int(is_on), *(after - each for after, each in zip(now, before, strict=True))))
        self._begin(number + 1)

    def _reading(self) -> Reading:
        return self._answered, time.thread_time_ns(), time.process_time_ns()


def _counting(turns: Turns) -> Callable[[Report, Reply, float], None]:
    """Return a method: a bound one would get no report."""

    def answered(report: Report, reply: Reply, seconds: float) -> None:
        turns.answered(report, reply, seconds)

    return answered


def _switch(*, is_on: bool) -> None:
    setattr(Report, "_record", _record if is_on else _nothing)  # noqa: B010  a method
    for delivery, passages in _deliveries:
        delivery._passages = passages if is_on else None


if __name__ == "__main__":
    turns = Turns(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    sys.argv[1:4] = []
    Delivery.__init__ = _keep  # type: ignore[method-assign]
    setattr(Report, "answered", _counting(turns))  # noqa: B010
    signal.signal(signal.SIGUSR1, turns.signalled)
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)
