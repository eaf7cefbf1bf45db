"""Acts on the spool that come through the admin port: done, audited and logged."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.admin.spool_acts import Actor, Done, SpoolActs
from gateway.contract.errors import ConfigError
from gateway.spool import Selection, State
from tests.gateway.screen.further import Acts
from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import Spooled, filled_spool

ACTOR = Actor("night.shift (operator) at 10.0.0.1", "10.0.0.1")
PARKED = Selection(destination="store", state=State.PARKED)
DESTINATIONS = {"store": {"mllp"}, "elsewhere": {"mllp"}}


@pytest.fixture
async def spooled(tmp_path: Path) -> AsyncIterator[Spooled]:
    """Return a spool with known entries."""
    async with filled_spool(tmp_path, FakeClock()) as filled:
        yield filled


async def test_retry(spooled: Spooled) -> None:
    """A retry is in the audit trail with its reason, and in the log without it."""
    trail = Acts()
    acts = SpoolActs(spooled.spool, DESTINATIONS, ["adt"], trail.tell)
    with capture_logs() as logs:
        assert Done(2) == await acts.retry(PARKED, ACTOR, "EVERYWOMAN waits for it")
    (act,) = trail.told
    assert (ACTOR.by, "EVERYWOMAN waits for it", "10.0.0.1", True) == (act.by, act.why, act.address, act.is_done)
    assert act.what.startswith("retried: 2 spooled entries; destination: store")
    (line,) = [each for each in logs if each["event"] == "spool_entries_retried"]
    assert (2, ACTOR.by, "10.0.0.1", "store") == (line["count"], line["by"], line["peer"], line["destination"])
    assert "EVERYWOMAN" not in str(logs)
    assert ["delivered", "waiting", "waiting", "waiting"] == await spooled.states()


async def test_retry_of_nobody(spooled: Spooled) -> None:
    """What waits for a destination that is not configured is left, and said."""
    acts = SpoolActs(spooled.spool, {"store": {"mllp"}}, ["adt"], Acts().tell)
    done = await acts.retry(Selection(control_id="C-m3"), ACTOR)
    assert 1 == len(done.left)
    assert "other is not configured" in done.left[0]


async def test_discard(spooled: Spooled) -> None:
    """A discard keeps its reason and who did it in the record of the entry."""
    trail = Acts(faults=["file: No space left on device"])
    acts = SpoolActs(spooled.spool, DESTINATIONS, ["adt"], trail.tell)
    with capture_logs() as logs:
        done = await acts.discard(Selection(entry_ids=frozenset([spooled.parked])), ACTOR, "sent twice")
    assert Done(1, (), ["file: No space left on device"]) == done
    record = await spooled.spool.get(spooled.parked)
    assert record is not None
    assert (State.DISCARDED, "sent twice", ACTOR.by) == (record.state, record.reason, record.discarded_by)
    assert [("spool_entries_discarded", 1)] == [(each["event"], each["named"]) for each in logs]


async def test_move(spooled: Spooled) -> None:
    """A move says where to."""
    trail = Acts()
    acts = SpoolActs(spooled.spool, DESTINATIONS, ["adt"], trail.tell)
    with capture_logs() as logs:
        moved, done = await acts.move(PARKED, "elsewhere", ACTOR)
    assert (2, 2) == (moved.moved, done.count)
    assert trail.told[0].what.startswith("moved to elsewhere: 2 spooled entries")
    assert ["elsewhere"] == [each["to"] for each in logs if each["event"] == "spool_entries_moved"]


async def test_failure_is_audited(spooled: Spooled) -> None:
    """An act that fails is in the audit trail as not done, and in no log line as done."""
    trail = Acts()
    acts = SpoolActs(spooled.spool, {}, ["adt"], trail.tell)
    with capture_logs() as logs, pytest.raises(ConfigError):
        await acts.retry(PARKED, ACTOR)
    assert [False] == [each.is_done for each in trail.told]
    assert [] == [each for each in logs if each["event"].startswith("spool_entries")]
