"""What operators ask, by whichever way."""

import time

import pytest

from gateway.contract.errors import ConfigError, GatewayError
from gateway.spool import Selection, State
from gateway.spool.operating.lookup import Names, UnknownEntry
from gateway.spool.operating.requests import find_decided, find_exported, find_moved, find_page
from tests.gateway.spooled import Spooled

NAMES = Names(("store", "idle"), ("adt",))


async def test_pages(spooled: Spooled) -> None:
    """A page holds as many as were asked for, and the next one goes on after it."""
    first = await find_page(spooled.spool, {"limit": "3"}, time.time(), NAMES)
    rest = await find_page(spooled.spool, {"limit": "3", "after": first.next}, time.time(), NAMES)
    assert (3, 1, None) == (len(first.records), len(rest.records), rest.next)


async def test_a_decision(spooled: Spooled) -> None:
    """Without a state parked entries are meant; one that is not there is an error."""
    assert Selection("store", State.PARKED) == await find_decided(spooled.spool, {"destination": "store"}, 0.0, NAMES)
    with pytest.raises(UnknownEntry):
        await find_decided(spooled.spool, {"ids": [spooled.parked, "nonsense"]}, 0.0, NAMES)


async def test_a_move(spooled: Spooled) -> None:
    """The entries of a destination and the new one are told; one that is not there is an error."""
    words = {"from": "store", "to": "other"}
    assert (Selection(destination="store"), "other") == await find_moved(spooled.spool, words, 0.0, NAMES)
    with pytest.raises(UnknownEntry):
        await find_moved(spooled.spool, {**words, "ids": ["nonsense"]}, 0.0, NAMES)
    with pytest.raises(ConfigError, match="from, to"):
        await find_moved(spooled.spool, {"from": "store"}, 0.0, NAMES)


async def test_what_is_exported(spooled: Spooled) -> None:
    """All may be exported, which changes nothing."""
    assert Selection() == await find_exported(spooled.spool, {"all": True}, 0.0, NAMES)
    with pytest.raises(ConfigError, match="nothing is selected"):
        await find_exported(spooled.spool, {}, 0.0, NAMES)


UNKNOWN: dict[str, tuple[dict[str, object], str]] = {
    "a destination": ({"destination": "stor"}, "destination: there is no 'stor', neither in the configuration nor in"),
    "a listener": ({"listener": "adtt"}, "listener: there is no 'adtt', neither in the configuration nor in the spool"),
    "a control ID": ({"control_id": "C-m9"}, "there is no message with the control ID 'C-m9' in the spool"),
    "an instance": ({"sop_instance_uid": "1.2"}, "there is no message with the SOP Instance UID '1.2' in the spool"),
}


@pytest.mark.parametrize(("words", "problem"), UNKNOWN.values(), ids=UNKNOWN)
async def test_what_is_not_there(spooled: Spooled, words: dict[str, object], problem: str) -> None:
    """A name or an identifier that nobody has heard of is an error, whatever is asked for."""
    for find in (find_page, find_decided, find_exported):
        with pytest.raises(GatewayError) as caught:
            await find(spooled.spool, words, time.time(), NAMES)
        assert str(caught.value).startswith(problem)


async def test_a_page_after_nothing(spooled: Spooled) -> None:
    """To go on after an entry that is not there is an error."""
    for after in ("nonsense", "parked:nonsense", "lost:x"):
        with pytest.raises(UnknownEntry):
            await find_page(spooled.spool, {"after": after}, 0.0, NAMES)


@pytest.mark.parametrize(
    "words",
    [{"destination": "idle"}, {"destination": "other"}, {"listener": "scanner"}, {"control_id": "C-m1"}],
    ids=str,
)
async def test_what_is_known(spooled: Spooled, words: dict[str, object]) -> None:
    """What the configuration has, or the spool still has, is known: where nothing is meant the list is empty."""
    page = await find_page(spooled.spool, {**words, "older_than": "1000d"}, time.time(), NAMES)
    assert () == page.records
