"""Processes of the bench: started, waited for, weighed by the kernel's numbers, ended."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import BenchError

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build" / "bench"
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30
IDLE_SECONDS = 120


def script(name: str, *arguments: object) -> list[str]:
    """Return the command that runs the module *name* of this folder."""
    return [sys.executable, "-m", f"tests.bench.{name}", *map(str, arguments)]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the kernel knows of a process and its descendants."""

    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time spent so far, in user and system mode."""
        return sum(self.cpu_by_mode())

    def cpu_by_mode(self) -> tuple[float, float]:
        """Return the processor time spent so far in user mode, and that in system mode."""
        user, system = zip(*(_cpu(pid) for pid in _family(self.pid)), strict=True)
        return sum(user), sum(system)

    def wait_until_idle(self) -> None:
        """Return when a tenth of a second has passed in which the processes took next to no processor time."""
        deadline, before, now = time.monotonic() + IDLE_SECONDS, 0.0, self.cpu_seconds()
        while now - before > 1 / TICKS:
            if time.monotonic() > deadline:
                raise BenchError(f"the process is still busy after {IDLE_SECONDS} s")
            time.sleep(0.1)
            before, now = now, self.cpu_seconds()

    def resident(self) -> int:
        """Return the octets in memory now."""
        return sum(_status(pid, "VmRSS") for pid in _family(self.pid))

    def peak(self) -> int:
        """Return the largest number of octets in memory so far."""
        return sum(_status(pid, "VmHWM") for pid in _family(self.pid))


def _family(pid: int) -> list[int]:
    # The kernel lists a process below the thread that has started it.
    children = [child for thread in Path(f"/proc/{pid}/task").glob("*/children") for child in _read(thread).split()]
    return [pid, *(each for child in children for each in _family(int(child)))]


def _read(path: Path) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
        return path.read_text()
    return ""


def _cpu(pid: int) -> tuple[float, float]:
    # proc(5): fields 14 and 15 are utime and stime; the name before them may hold spaces but ends with ")".
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def _status(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) * 1024


def listening(port: int) -> Callable[[], bool]:
    """Return a test whether something accepts connections on *port*."""

    def accepts() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    return accepts


@contextmanager
def started(command: list[str], ready: Callable[[], bool], *, log: str, root: Path = ROOT) -> Iterator[Usage]:
    """Run *command* in the folder *root* until the block ends; enter it once *ready*.

    What it prints goes to the file *log* below BUILD, which stays only if the block fails.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"{log}.log"
    with path.open("wb") as output:
        process = subprocess.Popen(command, cwd=root, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(process, ready, log)
            yield Usage(process.pid)
        finally:
            _end(process)
    path.unlink(missing_ok=True)


def _wait(process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"{log} did not start: see {BUILD / log}.log")
        time.sleep(0.02)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def output_of(command: list[str]) -> str:
    """Run *command* to its end and return what it printed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{command[:4]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout
