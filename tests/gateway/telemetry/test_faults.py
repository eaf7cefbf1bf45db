"""Uncaught exceptions are logged without their text."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from gateway.telemetry import log
from gateway.telemetry.faults import MOST_PLACES, handle_in_loop, install_exception_hooks, report

PATIENT = "DOE^JANE"


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """Return the log; restore the interpreter's hooks afterwards."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    found = StringIO()
    log.configure(stream=found)
    install_exception_hooks()
    yield found
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def only_event(stream: StringIO) -> dict[str, object]:
    """Return the one event that was logged, which must not name the patient."""
    assert PATIENT not in stream.getvalue()
    (line,) = stream.getvalue().splitlines()
    event: dict[str, object] = json.loads(line)
    assert "uncaught_exception" == event["event"]
    return event


def fail() -> None:
    """Raise an exception whose text names a patient."""
    raise ValueError(PATIENT)


def test_thread(stream: StringIO) -> None:
    """An exception that ends a thread is logged with its type and place."""
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    event = only_event(stream)
    assert ("thread", "ValueError") == (event["where"], event["exception"])
    assert str(event["places"]).rpartition("'")[0].rpartition("'")[2].startswith(f"{__name__}:")


def test_destructor(stream: StringIO) -> None:
    """An exception in a destructor is logged without its text."""

    class Failing:
        def __del__(self) -> None:
            fail()

    del Failing().__dict__  # made and gone at once
    assert "destructor" == only_event(stream)["where"]


async def test_task_that_nobody_awaits(stream: StringIO) -> None:
    """The exception of a task that nobody awaits is logged without its text."""
    asyncio.get_running_loop().set_exception_handler(handle_in_loop)

    async def failing() -> None:
        fail()

    task = asyncio.create_task(failing(), name=PATIENT)
    await asyncio.wait({task})
    del task
    event = only_event(stream)
    assert ("event loop", "Task exception was never retrieved") == (event["where"], event["message"])


async def test_callback(stream: StringIO) -> None:
    """An exception in a callback is logged without the arguments, which asyncio's own handler would print."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handle_in_loop)
    loop.call_soon(lambda _: fail(), PATIENT)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    event = only_event(stream)
    assert ("Exception", "ValueError") == (event["message"], event["exception"])


def test_main_thread() -> None:
    """An exception that ends the process is one line on stderr, without its text."""
    imported = "from gateway.telemetry import faults, log\n"
    program = f"{imported}log.configure()\nfaults.install_exception_hooks()\nraise ValueError({PATIENT!r})\n"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (1, False, True) == (said.returncode, PATIENT in said.stderr, "ValueError" in said.stderr)


def test_keyboard_interrupt() -> None:
    """KeyboardInterrupt is printed as the interpreter does by default."""
    program = "from gateway.telemetry import faults\nfaults.install_exception_hooks()\nraise KeyboardInterrupt\n"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" == said.stderr.splitlines()[-1]


def test_deep_trace(stream: StringIO) -> None:
    """Only the innermost places of a deep call stack are logged."""

    def dive(depth: int) -> None:
        if depth:
            dive(depth - 1)
        fail()

    try:
        dive(50)
    except ValueError as error:
        report(error, "main")
    places = only_event(stream)["places"]
    assert isinstance(places, list)
    assert MOST_PLACES == len(places)


def test_nothing_known(stream: StringIO) -> None:
    """A report without an exception has no type and no places."""
    report(None, "event loop", "socket lost")
    event = only_event(stream)
    assert (None, []) == (event["exception"], event["places"])
