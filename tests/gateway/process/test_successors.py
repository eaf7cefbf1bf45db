"""The successors of missing workers."""

import pytest

from gateway.process.successors import Successors
from gateway.spool.inheritance import Estate, Numbers

NEW = Estate()
ONE: Numbers = frozenset({1})
LOOKED, WAITING = Estate(ONE), Estate(ONE, ONE)

Step = tuple[set[int], dict[int, Estate], Numbers, dict[int, int]]
"""Missing workers, the reports of ready ones, whose successor worker 2 then is, and which worker gets which peers."""
NAMED: Step = ({1}, {2: NEW, 3: NEW}, frozenset(), {})
TAKEN: Step = ({1}, {2: NEW, 3: WAITING}, frozenset(), {1: 3})


@pytest.mark.parametrize(
    "steps",
    [
        [(set(), {1: NEW, 2: NEW, 3: NEW}, frozenset(), {})],
        [NAMED, TAKEN, ({1}, {2: NEW, 3: LOOKED}, frozenset(), {1: 3})],
        [NAMED, TAKEN, (set(), {1: NEW, 2: NEW, 3: WAITING}, frozenset(), {1: 3})],
        [NAMED, TAKEN, (set(), {1: NEW, 2: NEW, 3: LOOKED}, frozenset(), {})],
        [NAMED, (set(), {1: NEW, 2: NEW, 3: NEW}, frozenset(), {}), (set(), {1: NEW, 3: WAITING}, frozenset(), {1: 3})],
        [NAMED, TAKEN, ({1}, {2: NEW}, ONE, {}), ({1}, {2: WAITING}, ONE, {1: 2})],
        [NAMED, TAKEN, (set(), {1: NEW, 2: NEW}, frozenset(), {})],
        [({1, 2}, {}, frozenset(), {}), ({1}, {2: NEW}, ONE, {}), ({1}, {2: LOOKED}, ONE, {1: 2})],
    ],
    ids=[
        "all are there",
        "the successor adopts before it gets the peers",
        "peers stay while something waits",
        "peers go back",
        "back before the successor has answered",
        "the successor of a missing worker ends",
        "the successor of one that is back ends",
        "nobody is there at first",
    ],
)
def test_heirs(steps: list[Step]) -> None:
    """Spool and peers of a missing worker go to one worker; its peers come back once that keeps their order."""
    successors = Successors()
    for missing, estates, of_two, lent in steps:
        assert lent == successors.review(missing, estates)
        assert of_two == successors.of(2)
