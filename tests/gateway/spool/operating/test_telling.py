"""The trace of what an operator does."""

import pytest

from gateway.contract.acts import Act
from gateway.spool import Selection, State
from gateway.spool.operating.telling import telling

SELECTION = Selection("store", State.PARKED, reason_like="no")
WHAT = "discarded: {} spooled entries; destination: store; state: parked; reason like: a text"


def test_what_is_told() -> None:
    """Who did what to how many, from where and why."""
    acts = list[Act]()
    with telling(acts.append, "alice", "discarded", SELECTION, "a test", "192.0.2.1") as told:
        assert [] == acts
        told.count = 2
    assert [Act("alice", WHAT.format(2), "a test", "192.0.2.1")] == acts


def test_a_failure_is_told() -> None:
    """What was cut off may have been done in part: that is told too, and the exception goes on."""
    acts = list[Act]()
    with pytest.raises(OSError, match="full"), telling(acts.append, "alice", "discarded", SELECTION):
        raise OSError("full")
    assert [Act("alice", WHAT.format("an unknown number of"), is_done=False)] == acts
