"""The event loop of every command."""

import asyncio
import io
import os
import signal

import pytest

from gateway.process.loop import outlive_hangup, run_loop, stop_on_signals, tell_of_hangups
from gateway.telemetry import log
from gateway.telemetry.faults import handle_in_loop


async def _loop_name() -> str:
    return type(asyncio.get_running_loop()).__module__


def test_uvloop_is_used() -> None:
    """Where uvloop is installed, commands run on it."""
    pytest.importorskip("uvloop")
    assert "uvloop" == run_loop(_loop_name()).split(".")[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop(number: signal.Signals) -> None:
    """SIGTERM and SIGINT set the event instead of killing the process."""

    async def wait() -> bool:
        stop = stop_on_signals()
        os.kill(os.getpid(), number)
        return await asyncio.wait_for(stop.wait(), 5)

    assert run_loop(wait())


def test_faults_are_told_without_their_text() -> None:
    """The loop of every command logs exceptions by the handler that leaves their text out."""

    async def handler() -> object:
        return asyncio.get_running_loop().get_exception_handler()

    assert handle_in_loop == run_loop(handler())


def test_hangup_is_survived() -> None:
    """SIGHUP ends nothing, before the loop runs and in it; in the loop it is logged."""
    stream, before = io.StringIO(), signal.getsignal(signal.SIGHUP)
    log.configure(stream=stream)

    async def told() -> bool:
        tell_of_hangups()
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(60):
            while "signal_ignored" not in stream.getvalue():
                await asyncio.sleep(0.01)
        return True

    try:
        outlive_hangup()
        os.kill(os.getpid(), signal.SIGHUP)
        assert run_loop(told())
    finally:
        signal.signal(signal.SIGHUP, before)
