"""What operators ask, by whichever way."""

import time

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Selection, State
from gateway.spool.operating.lookup import UnknownEntry
from gateway.spool.operating.requests import find_decided, find_moved, find_page
from tests.gateway.spooled import Spooled


async def test_pages(spooled: Spooled) -> None:
    """A page holds as many as were asked for, and the next one goes on after it."""
    first = await find_page(spooled.spool, {"limit": "3"}, time.time())
    rest = await find_page(spooled.spool, {"limit": "3", "after": first.next}, time.time())
    assert (3, 1, None) == (len(first.records), len(rest.records), rest.next)


async def test_a_decision(spooled: Spooled) -> None:
    """Without a state parked entries are meant; one that is not there is an error."""
    assert Selection(state=State.PARKED) == await find_decided(spooled.spool, {"all": True}, 0.0)
    with pytest.raises(UnknownEntry):
        await find_decided(spooled.spool, {"ids": [spooled.parked, "nonsense"]}, 0.0)


async def test_a_move(spooled: Spooled) -> None:
    """The entries of a destination and the new one are told; one that is not there is an error."""
    words = {"from": "store", "to": "other"}
    assert (Selection(destination="store"), "other") == await find_moved(spooled.spool, words, 0.0)
    with pytest.raises(UnknownEntry):
        await find_moved(spooled.spool, {**words, "ids": ["nonsense"]}, 0.0)
    with pytest.raises(ConfigError, match="from, to"):
        await find_moved(spooled.spool, {"from": "store"}, 0.0)
