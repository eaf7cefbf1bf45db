"""What operators decide is in the journal."""

from typing import Any

import pytest

from gateway.contract.journal import Attempted
from gateway.flow.decisions import RETRIED, RecordedOperations
from gateway.spool.interface import Selection, Spool, SpoolError, State
from tests.gateway.flow.delivering import HOLDING, Store, dispatcher, dispatching, fail, put, until_settled

PARKED = Selection(state=State.PARKED)


async def parked(spool: Spool) -> None:
    """Have two messages parked."""
    await put(spool, b"0")
    await put(spool, b"1")
    async with dispatching(dispatcher(spool, Store(fail), HOLDING)):
        assert {State.PARKED: 2} == await until_settled(spool, 2)


async def test_decisions(spool: Spool) -> None:
    """Each entry that is retried or discarded is told once, without the operator's own words."""
    told: list[Any] = []
    operations = RecordedOperations(spool, told.append)
    await parked(spool)
    assert 2 == await operations.retry(PARKED)
    assert [("0", "retried", RETRIED, "store"), ("1", "retried", RETRIED, "store")] == sorted(
        (each.message_id, each.outcome, each.reason, each.destination) for each in told
    )
    assert 2 == await operations.discard(Selection(destination="store"), "DOE^JANE has left", "root")
    assert ["discarded", "discarded"] == [each.outcome for each in told[2:]]
    assert "DOE" not in str(told)
    assert all(isinstance(each, Attempted) and each.facts == {"listener": "in"} for each in told)


async def test_nothing_selected(spool: Spool) -> None:
    """What changes nothing is not told; other operations are those of the spool."""
    told: list[Any] = []
    operations = RecordedOperations(spool, told.append)
    assert 0 == await operations.retry(PARKED)
    assert [] == told
    assert [] == list((await operations.find(PARKED)).records)


async def test_spool_that_cannot_be_read(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision is carried out although its entries cannot be listed."""
    told: list[Any] = []
    await parked(spool)

    async def failing(*_: object, **__: object) -> None:
        raise SpoolError("the disk is away")

    monkeypatch.setattr(spool, "find", failing)
    assert 2 == await RecordedOperations(spool, told.append).retry(PARKED)
    assert [] == told
