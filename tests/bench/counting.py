"""Counts what a gateway does while it is loaded: function calls and system calls. No count depends on the clock."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import BenchError

SYSTEM = "system calls"
SECONDS = 30
TOTAL = re.compile(r"^ *[\d.]+ +[\d.]+ +(?:\d+ +)?(\d+) +(?:\d+ +)?total$", re.MULTILINE)
"""The last line of ``strace -c``: share, seconds, microseconds of each call, calls, errors."""


def calls(pid: int, path: Path) -> Mapping[str, int]:
    """Return what the process *pid*, which runs ``counted.py`` with *path*, has counted so far."""
    path.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        if time.monotonic() > deadline:
            raise BenchError("the gateway does not tell how many calls it has counted")
        time.sleep(0.01)
    counted: Mapping[str, int] = json.loads(path.read_text())
    return counted


@contextmanager
def traced(pid: int, counted: dict[str, float]) -> Iterator[None]:
    """Count the system calls of the process *pid*, in all of its threads, until the block ends."""
    with tempfile.NamedTemporaryFile() as report:
        strace = subprocess.Popen(["strace", "-f", "-c", "-o", report.name, "-p", str(pid)], stderr=subprocess.PIPE)
        assert strace.stderr is not None
        attached = strace.stderr.readline()
        if b"attached" not in attached:
            raise BenchError(f"strace cannot trace the gateway: {attached.decode().strip()}")
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate(timeout=SECONDS)
        counted[SYSTEM] = total(Path(report.name).read_text())


def total(report: str) -> int:
    """Return how many system calls the *report* of ``strace -c`` counts."""
    found = TOTAL.search(report)
    if found is None:
        raise BenchError("the report of strace has no total")
    return int(found[1])


def has_strace() -> bool:
    """Whether strace is installed."""
    return shutil.which("strace") is not None
