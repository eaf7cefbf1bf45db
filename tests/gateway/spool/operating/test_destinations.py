"""What the configuration's destinations mean for what the spool holds."""

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Delivered, Moved, Plan, Selection, State, Total
from gateway.spool.operating.destinations import (
    Retried,
    move,
    retry,
    told,
    waiting_for_nobody,
)
from tests.gateway.spool.spools import make_message
from tests.gateway.spooled import Spooled

BOTH, STORE, OTHER = {"store": {"mllp"}, "other": {"mllp"}}, {"store": {"mllp"}}, {"other": {"mllp"}}


def test_waiting_for_nobody() -> None:
    """Only what waits is counted, and only where the destination is not configured."""
    totals = [
        Total("store", State.WAITING, 1, 1, 0.0),
        Total("gone", State.WAITING, 2, 1, 0.0),
        Total("gone", State.PARKED, 3, 1, 0.0),
        Total("empty", State.WAITING, 0, 0, None),
        Total("parked", State.PARKED, 4, 1, 0.0),
    ]
    assert {"gone": 2} == waiting_for_nobody(totals, STORE)


def test_told() -> None:
    """The text has the number of messages and the command that helps."""
    assert (
        "is not configured, so nobody delivers the messages that wait for it: 2; put gone back into the configuration,"
        " or give its messages to another destination with `hilum spool move CONFIG --from gone --to NAME`"
    ) == told("gone", 2)


NAMED = {
    "a destination": lambda _: Selection("store", State.PARKED),
    "an entry": lambda spooled: Selection(entry_ids=frozenset([spooled.parked])),
    "an entry among others": lambda spooled: Selection(entry_ids=frozenset([spooled.waiting, spooled.parked])),
    "a destination that never was": lambda _: Selection("store2"),
}


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
async def test_no_retry_for_nobody(spooled: Spooled, named: object) -> None:
    """What is named is not retried where nobody would deliver it: the name is said, and nothing is changed."""
    before = await spooled.records()
    with pytest.raises(ConfigError, match=r"^destination: store2? is not configured, .* --from store2? --to NAME`$"):
        await retry(spooled.spool, named(spooled), OTHER)  # type: ignore[operator]
    assert before == await spooled.records()


async def test_retry_of_all_that_is_delivered(spooled: Spooled) -> None:
    """Without a name what has a dispatcher is retried, and the other destinations are told."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    assert Retried(2, ("gone",)) == await retry(spooled.spool, Selection(), BOTH)
    assert Retried(0) == await retry(spooled.spool, Selection(state=State.PARKED), BOTH)
    assert Retried(0, ("other",)) == await retry(spooled.spool, Selection(listener="scanner"), STORE)


async def test_move(spooled: Spooled) -> None:
    """What is meant goes to a destination that is configured; that it comes from need not be."""
    assert Moved(moved=2) == await move(spooled.spool, Selection("store"), "other", OTHER)
    assert Moved(unfit=3) == await move(spooled.spool, Selection("other"), "store", {"store": {"dimse"}})


MISTAKES = {
    "to nowhere": ("store", "gone", "to: there is no destination 'gone' in the configuration; there is other"),
    "from nowhere": ("gone", "other", "from: nothing in the spool is for 'gone'; there is other, store"),
}


@pytest.mark.parametrize(("source", "to", "problem"), MISTAKES.values(), ids=MISTAKES)
async def test_no_move(spooled: Spooled, source: str, to: str, problem: str) -> None:
    """A name that is wrong changes nothing."""
    before = await spooled.records()
    with pytest.raises(ConfigError) as caught:
        await move(spooled.spool, Selection(source), to, OTHER)
    assert (problem, before) == (str(caught.value), await spooled.records())


async def test_no_move_of_another_destinations_entry(spooled: Spooled) -> None:
    """An entry that is named has to be of the destination that is named."""
    selection = Selection("store", entry_ids=frozenset([spooled.parked, spooled.waiting]))
    with pytest.raises(ConfigError, match=r"^ids: an entry of 'other' is among them; name those of 'store' only$"):
        await move(spooled.spool, selection, "other", OTHER)


async def test_a_destination_with_records_only(spooled: Spooled) -> None:
    """Where nothing waits or is parked any more, nothing is moved and nothing is wrong."""
    (entry,) = await spooled.spool.claim("other", 1)
    await spooled.spool.settle(entry, Delivered())
    assert Moved() == await move(spooled.spool, Selection("other"), "store", STORE)
