"""The bench's own arithmetic, and the one instrument whose mistakes would not show: the sink."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.bench import counted, counting
from tests.bench.measure import Case, Goal, Sample, Spread, interleave
from tests.bench.sink import ACK, OTHER, Discard, reply, stored


def test_contenders_take_turns() -> None:
    """Each round measures every contender once, in the order of the case."""
    turns: list[str] = []

    def contender(name: str) -> Sample:
        turns.append(name)
        return Sample(1)

    case = Case(1, "", "", {"Hilum": lambda: contender("Hilum"), "peer": lambda: contender("peer")})
    interleave(case, 2)
    assert turns == ["Hilum", "peer", "Hilum", "peer"]


def test_ratios_are_paired() -> None:
    """A ratio divides samples of one round; noise that both saw in it cancels out."""
    ours, theirs = iter([60.0, 6.0, 40.0]), iter([20.0, 2.0, 10.0])
    case = Case(1, "", "", {"Hilum": lambda: Sample(next(ours)), "peer": lambda: Sample(next(theirs))})
    measured = interleave(case, 3)
    assert Spread(3, 3, 4) == measured.ratio("peer")
    assert Spread(40, 6, 60) == measured.value("Hilum")


@pytest.mark.parametrize(
    ("goal", "reached", "met"),
    [
        (Goal("peer", at_least=2), 2.0, True),
        (Goal("peer", at_least=2.1), 2.0, False),
        (Goal("peer", at_most=1), 2.0, False),
    ],
)
def test_goal(goal: Goal, reached: float, met: bool) -> None:
    """A goal is judged by the median of what it names; one whose contender is absent is not judged."""
    case = Case(1, "", "", {"Hilum": lambda: Sample(4), "peer": lambda: Sample(2)}, [goal, Goal("absent", at_least=1)])
    assert [(goal, reached, met)] == interleave(case, 1).verdicts()


PART10 = b"DICM\x02\x00\x03\x00UI\x04\x001.2\x00" + bytes(20)
REQUESTS = {
    "length": (b"POST /hl7 HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc\r\n", reply(b"x-application/hl7-v2+er7", ACK)),
    "no body": (b"GET /livez HTTP/1.1\r\n\r\n", OTHER),
    "chunked": (
        b"POST /studies HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n3\r\n\r\n0\r\n0\r\n\r\n"
        % (len(PART10), PART10),
        stored(b"1.2"),
    ),
}


class Written:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        """Keep *data*."""
        self.data += data


@pytest.mark.parametrize("size", [100, 1000])
def test_sink(size: int) -> None:
    """However TCP cuts requests that follow one another, each is answered once, a stored instance by its name."""
    wire = b"".join(request for request, _ in REQUESTS.values()) * 2
    sink, written = Discard(0), Written()
    sink.connection_made(cast("asyncio.Transport", written))
    for at in range(0, len(wire), size):
        piece = wire[at : at + size]
        sink.get_buffer(0)[: len(piece)] = piece
        sink.buffer_updated(len(piece))
    assert b"".join(answer for _, answer in REQUESTS.values()) * 2 == written.data


def test_total_of_strace() -> None:
    """The number of system calls is the total of the column, whether or not a call has failed."""
    head = "% time     seconds  usecs/call     calls    errors syscall\n"
    assert 8448 == counting.total(head + "100.00    0.408268          48      8448      1204 total\n")
    assert 12 == counting.total(head + "100.00    0.000268           4        12           total\n")


CALLING = """
import signal, sys

def nothing():
    pass

for _ in range(1000):
    nothing()
for _ in range(500):
    len("")
print("called", flush=True)
sys.stdin.readline()
"""


def test_calls_are_counted(tmp_path: Path) -> None:
    """The calls of a program's functions are counted, and told at a signal."""
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").touch()  # else a gateway elsewhere on the path would come before it
    (tmp_path / "gateway" / "__main__.py").write_text(CALLING)
    path = tmp_path / "counts.json"
    command = [sys.executable, counted.__file__, str(path)]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told, later = counting.calls(process.pid, path), counting.calls(process.pid, path)
        process.communicate(b"\n")
    assert told[counted.PYTHON] >= 1000
    assert told[counted.BUILT_IN] >= 500
    assert 500 > later[counted.BUILT_IN] - told[counted.BUILT_IN] > 0
