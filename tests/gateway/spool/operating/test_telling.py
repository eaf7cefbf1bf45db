"""The trace of what an operator does."""

import pytest

from gateway.contract.acts import Act
from gateway.spool import Selection, State
from gateway.spool.operating.telling import telling


class Trail:
    """Takes acts; says that one sink has not written them."""

    def __init__(self) -> None:
        self.acts = list[Act]()

    async def tell(self, act: Act) -> list[str]:
        """Take *act*."""
        self.acts.append(act)
        return ["file: No space left on device"]


SELECTION = Selection("store", State.PARKED, reason_like="no")
WHAT = "discarded: {} spooled entries; destination: store; state: parked; reason like: a text"


async def test_what_is_told() -> None:
    """Who did what to how many, from where and why."""
    trail = Trail()
    async with telling(trail.tell, "alice", "discarded", SELECTION, "a test", "192.0.2.1") as told:
        assert [] == trail.acts
        told.count = 2
    assert [Act("alice", WHAT.format(2), "a test", "192.0.2.1")] == trail.acts
    assert ["file: No space left on device"] == told.not_audited


async def test_a_failure_is_told() -> None:
    """What was cut off may have been done in part: that is told too, and the exception goes on."""
    trail = Trail()
    with pytest.raises(OSError, match="full"):
        async with telling(trail.tell, "alice", "discarded", SELECTION):
            raise OSError("full")
    assert [Act("alice", WHAT.format("an unknown number of"), is_done=False)] == trail.acts
