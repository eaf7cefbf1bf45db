"""The event loop of the daemon and of every command."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from gateway.telemetry.faults import handle_in_loop

try:
    import uvloop
except ImportError:  # uvloop has no wheel for some platforms; asyncio's own loop does the same, slower
    new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
else:
    new_event_loop = uvloop.new_event_loop

T = TypeVar("T")

log = structlog.get_logger()


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


def outlive_hangup() -> None:
    """Ignore SIGHUP in this process; to be called before its event loop runs."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def tell_of_hangups() -> None:
    """Log each SIGHUP. Its sender means "reload", which Hilum does not support, and never "end without draining"."""
    mend = "to load a changed configuration, restart the gateway"
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGHUP, lambda: log.warning("signal_ignored", signal="SIGHUP", mend=mend)
    )
