"""One of several processes."""

import multiprocessing
import socket
from multiprocessing.connection import Connection
from typing import Any

import pytest

from gateway.app import Assignment
from gateway.config import loading as config
from gateway.process.worker import CANNOT_START, FAILED, run_worker
from tests.running import relay

TEXT = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')


def start(text: str) -> tuple[Any, Connection]:
    """Start a worker; return its process and our end of the line between us."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    _, beats = context.Pipe(duplex=False)
    arguments: Any = there, beats, config.parse(text), "json", "error", Assignment(admin_token="token")
    process = context.Process(target=run_worker, args=arguments)
    process.start()
    there.close()
    return process, here


@pytest.mark.parametrize("end", ["SIGTERM", "the supervisor's death"])
def test_serves_until_the_end(end: str) -> None:
    """A worker reports its admin port, serves, and ends well on SIGTERM or when its supervisor has died."""
    process, line = start(TEXT)
    with socket.create_connection(("127.0.0.1", line.recv())):
        pass
    if end == "SIGTERM":
        process.terminate()
    else:
        line.close()
    process.join(30)
    line.close()
    assert 0 == process.exitcode


def test_problems_are_reported() -> None:
    """A worker that cannot start reports why."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, line = start(TEXT.replace("mllp, port: 0", f"mllp, port: {port}"))
        problems = line.recv()
    process.join(30)
    line.close()
    assert CANNOT_START == process.exitcode
    assert problems[0].startswith(f"listeners.in: cannot bind 127.0.0.1:{port}: another program")


def test_own_fault_is_told_without_its_text(capfd: pytest.CaptureFixture[str]) -> None:
    """A worker that fails through a bug ends with status 1 and a line that has no traceback."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    arguments: Any = there, there, "DOE^JANE is no configuration", "json", "error", Assignment(admin_token="token")
    process = context.Process(target=run_worker, args=arguments)
    process.start()
    there.close()
    process.join(30)
    here.close()
    said = capfd.readouterr().err
    assert (FAILED, True, False) == (process.exitcode, "uncaught_exception" in said, "Traceback" in said)
    assert "DOE" not in said
