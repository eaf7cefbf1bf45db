"""The event loop of the daemon and of every command."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gateway.faults import handle_in_loop

try:
    import uvloop
except ImportError:  # it has no wheel for every platform; asyncio's own loop does the same, slower
    new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
else:
    new_event_loop = uvloop.new_event_loop

T = TypeVar("T")


def run_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run *coroutine* to its end and return its result."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.get_loop().set_exception_handler(handle_in_loop)
        return runner.run(coroutine)


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
