"""Which spools a process may adopt, and when."""

from pathlib import Path

import pytest

from gateway.spool.folders import WorkerIndex
from gateway.spool.inheritance import Inheritance
from gateway.spool.owning.candidates import AGAIN_SECONDS, LEFT_FOR_SECONDS, Candidates

LEFT = Path("left")
TABLE = {
    # whose it is: (whose successor this one is, seconds until it may be adopted)
    "its own": (1, set(), 0.0),
    "another worker's": (2, set(), None),
    "another worker's whose successor it is": (2, {2}, 0.0),
    "a worker's that there is no more": (7, set(), LEFT_FOR_SECONDS),
    "nobody's": (None, set(), LEFT_FOR_SECONDS),
}


@pytest.mark.parametrize(("worker", "heir_of", "expected"), TABLE.values(), ids=TABLE)
def test_who_adopts(worker: int | None, heir_of: set[int], expected: float | None) -> None:
    """Worker 1 of 3 adopts what no other worker comes back for."""
    candidates = Candidates(WorkerIndex(1, 3), Inheritance(frozenset(heir_of)), lambda _: worker)
    assert ([LEFT] if expected == 0.0 else []) == candidates.ready([LEFT], 100.0)
    assert ([] if expected is None else [LEFT]) == candidates.ready([LEFT], 100.0 + LEFT_FOR_SECONDS)


def test_a_process_alone() -> None:
    """A process without others adopts everything at once."""
    candidates = Candidates(WorkerIndex(), Inheritance(), lambda _: 2)
    assert [LEFT] == candidates.ready([LEFT], 0.0)


def test_what_was_gone_meanwhile() -> None:
    """The time counts anew for a spool that had an owner meanwhile."""
    candidates = Candidates(WorkerIndex(1, 3), Inheritance(), lambda _: None)
    assert [] == candidates.ready([LEFT], 0.0) + candidates.ready([], 1.0)
    assert [] == candidates.ready([LEFT], LEFT_FOR_SECONDS)


def test_put_off() -> None:
    """What could not be opened is left alone for a while."""
    candidates = Candidates(WorkerIndex(), Inheritance(), lambda _: None)
    candidates.put_off(LEFT, 0.0)
    assert ([], [LEFT]) == (candidates.ready([LEFT], AGAIN_SECONDS - 1), candidates.ready([LEFT], AGAIN_SECONDS))
