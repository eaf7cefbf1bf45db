"""Loads that take turns several times a second: what a shared machine does meanwhile befalls all of them alike."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.bench.measure import BenchError
from tests.bench.processes import script

TURN = 0.2
"""Seconds of a turn."""
PAUSE = 0.02
"""Seconds between two turns, in which what is under way is answered."""


def in_turns(
    name: str,
    arguments: Sequence[Sequence[object]],
    seconds: float,
    *,
    turn: float = TURN,
    begins: Callable[[int], None] = lambda _: None,
) -> list[Mapping[str, float]]:
    """Run a load generator with each of *arguments* for *seconds* altogether; return what each one tells.

    One sends at a time, and the others stand still. The order is forth and back. *begins* is called with the number of
    the generator whose turn begins. Raises BenchError if an answer was not positive.
    """
    options = ("--warm-up", 0, "--seconds", seconds)
    with _started([script(name, *each, *options) for each in arguments]) as loads:
        order = [*range(len(loads)), *reversed(range(len(loads)))]
        while any(each.poll() is None for each in loads):
            for number in order:
                _send(signal.SIGSTOP, [each for each in loads if each is not loads[number]])
                time.sleep(PAUSE)
                begins(number)
                _send(signal.SIGCONT, [loads[number]])
                time.sleep(turn)
        told: list[Mapping[str, float]] = [json.loads(each.communicate()[0]) for each in loads]
    if any(each["failed"] for each in told):
        raise BenchError("a request was not answered positively")
    return told


def _send(number: signal.Signals, loads: Sequence["subprocess.Popen[bytes]"]) -> None:
    for each in loads:
        if each.poll() is None:
            each.send_signal(number)


@contextmanager
def _started(commands: Sequence[Sequence[str]]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    loads = [subprocess.Popen(each, stdout=subprocess.PIPE) for each in commands]
    try:
        yield loads
    finally:
        for each in loads:
            if each.poll() is None:
                each.kill()
            each.wait()
