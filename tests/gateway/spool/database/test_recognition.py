"""Whether a destination has a message already, or will."""

import pytest

from gateway.spool import State
from gateway.spool.database.recognition import Last, latest

CASES: dict[str, tuple[State | None, bool, bool, bool, bool]] = {
    # state, same payload, recent: is there, was given up
    "delivered of late": (State.DELIVERED, True, True, True, False),
    "delivered long ago": (State.DELIVERED, True, False, False, False),
    "waits": (State.WAITING, True, True, True, False),
    "has waited for long": (State.WAITING, True, False, True, False),
    "parked": (State.PARKED, True, True, False, True),
    "discarded": (State.DISCARDED, True, True, False, True),
    "another payload was delivered since": (State.DELIVERED, False, True, False, False),
    "another payload waits": (State.WAITING, False, True, False, False),
    "another payload was parked since": (State.PARKED, False, True, False, False),
    "a damaged row": (None, True, True, False, False),
}


@pytest.mark.parametrize(("state", "same", "recent", "is_there", "given_up"), CASES.values(), ids=CASES)
def test_last(state: State | None, same: bool, recent: bool, is_there: bool, given_up: bool) -> None:
    """A message is a duplicate of the last one of its identity if that was delivered of late or will be."""
    last = Last("s-1", state, same, recent, 0.0)
    assert (is_there, given_up) == (last.is_there, last.was_given_up)


def test_latest() -> None:
    """Of what several spools hold the one committed last counts, which is the youngest."""
    one, two = (Last(name, State.WAITING, True, True, age) for name, age in (("s-1", 2.0), ("t-1", 1.0)))
    assert (two, one, None) == (latest([two, None, one]), latest([one]), latest([]))
