"""Runs Hilum with a journal that can be switched off and on: ``switched.py serve ...``; SIGUSR1 off, SIGUSR2 on.

Off, neither connections nor deliveries tell the journal of a message, as in a version that has none.
"""

import runpy
import signal
import sys
from pathlib import Path
from types import FrameType

sys.path[0] = str(Path.cwd())

from adapters.mllp.exchange import Settled  # noqa: E402  the package of the working directory
from adapters.mllp.serving.report import Report  # noqa: E402  likewise
from gateway.contract.journal import Passages  # noqa: E402  likewise
from gateway.flow.delivery import Delivery  # noqa: E402  likewise

_init = Delivery.__init__
_deliveries: list[tuple[Delivery, Passages | None]] = []


def _keep(self: Delivery, *arguments: object, **more: object) -> None:
    _init(self, *arguments, **more)  # type: ignore[arg-type]
    _deliveries.append((self, self._passages))


def _nothing(_: Report, __: Settled, ___: str, ____: float) -> None:
    """Tell nobody."""


_records = {signal.SIGUSR1: _nothing, signal.SIGUSR2: Report._record}


def _switch(number: int, _: FrameType | None) -> None:
    setattr(Report, "_record", _records[signal.Signals(number)])  # noqa: B010  a method
    for delivery, passages in _deliveries:
        delivery._passages = passages if number == signal.SIGUSR2 else None


if __name__ == "__main__":
    Delivery.__init__ = _keep  # type: ignore[method-assign]
    for each in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(each, _switch)
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)
