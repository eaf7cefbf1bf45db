"""Exceptions that nobody caught are told without their text."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from gateway.telemetry import log
from gateway.telemetry.faults import MOST_PLACES, handle_in_loop, report, tame_hooks

PATIENT = "DOE^JANE"


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """Return what is logged; give the interpreter's hooks back afterwards."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    found = StringIO()
    log.configure(stream=found)
    tame_hooks()
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
    """Raise what quotes a patient."""
    raise ValueError(PATIENT)


def test_thread(stream: StringIO) -> None:
    """An exception that ends a thread is told with its type and where it was raised."""
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    event = only_event(stream)
    assert ("thread", "ValueError") == (event["where"], event["exception"])
    assert str(event["places"]).rpartition("'")[0].rpartition("'")[2].startswith(f"{__name__}:")


def test_destructor(stream: StringIO) -> None:
    """So is one that cannot be raised anywhere."""

    class Failing:
        def __del__(self) -> None:
            fail()

    del Failing().__dict__  # made and gone at once
    assert "destructor" == only_event(stream)["where"]


async def test_task_that_nobody_awaits(stream: StringIO) -> None:
    """So is one of a task whose result nobody asks for."""
    asyncio.get_running_loop().set_exception_handler(handle_in_loop)

    async def failing() -> None:
        fail()

    task = asyncio.create_task(failing(), name=PATIENT)
    await asyncio.wait({task})
    del task
    event = only_event(stream)
    assert ("event loop", "Task exception was never retrieved") == (event["where"], event["message"])


async def test_callback(stream: StringIO) -> None:
    """So is one of a callback, whose arguments asyncio's own handler would print."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handle_in_loop)
    loop.call_soon(lambda _: fail(), PATIENT)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    event = only_event(stream)
    assert ("Exception", "ValueError") == (event["message"], event["exception"])


def test_main_thread() -> None:
    """What ends the process is told on stderr in one line, without its text."""
    imported = "from gateway.telemetry import faults, log\n"
    program = f"{imported}log.configure()\nfaults.tame_hooks()\nraise ValueError({PATIENT!r})\n"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (1, False, True) == (said.returncode, PATIENT in said.stderr, "ValueError" in said.stderr)


def test_keyboard_interrupt() -> None:
    """Ctrl-C is what it always was."""
    program = "from gateway.telemetry import faults\nfaults.tame_hooks()\nraise KeyboardInterrupt\n"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" == said.stderr.splitlines()[-1]


def test_deep_trace(stream: StringIO) -> None:
    """Of a deep call only the innermost places are told."""

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
    """A handler that is told of no exception says so."""
    report(None, "event loop", "socket lost")
    event = only_event(stream)
    assert (None, []) == (event["exception"], event["places"])
