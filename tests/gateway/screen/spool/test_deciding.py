"""Deciding on entries of the spool: a count first, then the act with a reason, and nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.admin.spool_acts import Actor, Done, SpoolActs
from gateway.contract.errors import ConfigError
from gateway.screen.spool.deciding import DISCARD, GROWN, NOTHING, RETRY, Asked, Deciding, Form, read_form
from gateway.spool import SpoolError, State
from tests.gateway.screen.further import Acts
from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import Spooled, filled_spool

ACTOR = Actor("night.shift at 10.0.0.1", "10.0.0.1")
NOW = 2_000_000_000.0
STORE = {"destination": "store", "state": "parked"}


class Desk:
    """A spool, who decides on it, and the audit trail."""

    def __init__(self, spooled: Spooled) -> None:
        self.spooled = spooled
        self.trail = Acts()
        self.acts = SpoolActs(spooled.spool, {"store": {"mllp"}}, ["adt"], self.trail.tell)
        self.deciding = Deciding(self.acts)

    async def asked(self, form: Form) -> Asked:
        """Return what is asked back."""
        found = await self.deciding.decide(form, ACTOR, NOW)
        assert isinstance(found, Asked)
        return found

    async def confirmed(self, asked: Asked, reason: str = "mended") -> str | Asked:
        """Send the form of the page that asks back."""
        form = Form(asked.verb, asked.words, asked.act, asked.count, {"reason": reason} if reason else {})
        return await self.deciding.decide(form, ACTOR, NOW)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Return a desk over a spool with two parked entries for ``store`` and a waiting one for ``other``."""
    async with filled_spool(tmp_path, FakeClock()) as spooled:
        yield Desk(spooled)


def test_read_form() -> None:
    """A form has its verb, which entries it means, and, from the second page, act, count and reason."""
    fields = [("csrf", "x"), ("destination", "store"), ("act", "a1"), ("count", "2"), ("reason", " mended ")]
    assert Form(RETRY, {"destination": "store"}, "a1", 2, {"reason": "mended"}) == read_form(RETRY, fields)
    assert Form(DISCARD, {"ids": ["e"]}) == read_form(DISCARD, [("ids", "e")])


@pytest.mark.parametrize("count", ["two", "1e3", "²", "-", "1" * 13])
def test_read_no_count(count: str) -> None:
    """A count that is no number is a mistake."""
    with pytest.raises(ConfigError, match="count: is not a number"):
        read_form(RETRY, [("count", count)])


async def test_count_first(desk: Desk) -> None:
    """The first form changes nothing: it is answered with the count by reason."""
    asked = await desk.asked(Form(RETRY, STORE))
    assert (2, ["store"], "") == (asked.count, asked.destinations, asked.fault)
    assert ([], ["delivered", "parked", "parked", "waiting"]) == (desk.trail.told, await desk.spooled.states())


async def test_retry(desk: Desk) -> None:
    """The second form does it, with the reason in the audit trail."""
    act = await desk.confirmed(await desk.asked(Form(RETRY, STORE)))
    assert isinstance(act, str)
    assert Done(2) == desk.deciding.remembered.result(act)
    assert ["mended"] == [each.why for each in desk.trail.told]
    assert ["delivered", "waiting", "waiting", "waiting"] == await desk.spooled.states()


async def test_discard(desk: Desk) -> None:
    """Single entries are discarded, with the reason in their records."""
    asked = await desk.asked(Form(DISCARD, {"ids": [desk.spooled.parked]}))
    assert 1 == asked.count
    assert isinstance(await desk.confirmed(asked, "sent twice"), str)
    record = await desk.spooled.spool.get(desk.spooled.parked)
    assert record is not None
    assert (State.DISCARDED, "sent twice", ACTOR.by) == (record.state, record.reason, record.discarded_by)


async def test_no_reason(desk: Desk) -> None:
    """Without a reason the question comes again, and says so."""
    asked = await desk.confirmed(await desk.asked(Form(DISCARD, STORE)), "")
    assert isinstance(asked, Asked)
    assert asked.fault.startswith("reason:")
    assert [] == desk.trail.told


async def test_twice(desk: Desk) -> None:
    """A form that is sent twice, also at the same time, does it once."""
    asked = await desk.asked(Form(DISCARD, STORE))
    first, second = await asyncio.gather(desk.confirmed(asked), desk.confirmed(asked))
    assert asked.act == first == second == await desk.confirmed(asked)
    assert 1 == len(desk.trail.told)


async def test_grown(desk: Desk) -> None:
    """If more entries match than were counted, the new count is shown first."""
    asked = replace(await desk.asked(Form(RETRY, STORE)), totals=())
    again = await desk.confirmed(asked)
    assert isinstance(again, Asked)
    assert (GROWN, 2, "mended") == (again.fault, again.count, again.reason)
    assert isinstance(await desk.confirmed(again), str)


async def test_nothing_left(desk: Desk) -> None:
    """If somebody else has decided in the meantime, that is said."""
    asked = await desk.asked(Form(RETRY, STORE))
    await desk.confirmed(await desk.asked(Form(DISCARD, STORE)))
    with pytest.raises(ConfigError, match=NOTHING):
        await desk.confirmed(asked)


@pytest.mark.parametrize("words", [{}, {"all": "true"}, {"state": "parked"}, {"destination": "nowhere"}])
async def test_not_meant(desk: Desk, words: dict[str, object]) -> None:
    """A form that means everything, or a destination that there is not, is refused as everywhere."""
    with pytest.raises(ConfigError):
        await desk.asked(Form(RETRY, words))


async def test_retry_for_nobody(desk: Desk) -> None:
    """A destination that is not configured has nobody to try again."""
    with pytest.raises(ConfigError, match="other is not configured"):
        await desk.asked(Form(RETRY, {"destination": "other", "state": "waiting"}))


async def test_failure_may_be_repeated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure the same form may be sent again."""

    async def fail(*_: object) -> Done:
        raise SpoolError("the spool cannot be written")

    asked = await desk.asked(Form(RETRY, STORE))
    with monkeypatch.context() as patch:
        patch.setattr(SpoolActs, "retry", fail)
        with pytest.raises(SpoolError):
            await desk.confirmed(asked)
    assert asked.act == await desk.confirmed(asked)
    assert Done(2) == desk.deciding.remembered.result(asked.act)
