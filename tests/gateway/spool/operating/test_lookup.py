"""Finding what an operator named."""

import pytest

from gateway.spool import Selection
from gateway.spool.operating.lookup import PayloadGone, UnknownEntry, find_payload, find_record, require_known
from tests.gateway.spooled import LARGE, REFUSED, Spooled


async def test_record(spooled: Spooled) -> None:
    """A record is found by its ID."""
    assert REFUSED == (await find_record(spooled.spool, spooled.parked)).reason


@pytest.mark.parametrize("find", [find_record, find_payload])
@pytest.mark.parametrize("entry_id", ["", "nonsense", "abc-1-1"])
async def test_unknown(spooled: Spooled, find: type, entry_id: str) -> None:
    """An ID that names nothing is said to."""
    with pytest.raises(UnknownEntry, match="there is no entry"):
        await find(spooled.spool, entry_id)


async def test_payload(spooled: Spooled) -> None:
    """The payload of what is not decided is there; that of a delivered entry is gone."""
    body = await find_payload(spooled.spool, spooled.parked_large)
    assert LARGE == b"".join([bytes(chunk) async for chunk in body.chunks()])
    with pytest.raises(PayloadGone, match=f"the payload of {spooled.delivered} is gone"):
        await find_payload(spooled.spool, spooled.delivered)


async def test_require_known(spooled: Spooled) -> None:
    """One wrong ID among right ones is an error; a selection without IDs never is."""
    await require_known(spooled.spool, Selection())
    await require_known(spooled.spool, Selection(entry_ids=frozenset([spooled.parked, spooled.waiting])))
    with pytest.raises(UnknownEntry, match="'nonsense'"):
        await require_known(spooled.spool, Selection(entry_ids=frozenset([spooled.parked, "nonsense"])))
