"""A store that sends as fast as it can gives way to others."""

import asyncio

import pytest

from adapters.rest.http.turns import FRAMING_AT_ONCE, READ_AT_ONCE, give_way
from tests.transport import RecordedTransport


@pytest.mark.parametrize(
    ("octets", "closing", "told"),
    [(READ_AT_ONCE - 1, False, []), (READ_AT_ONCE, False, ["pause", "resume"]), (READ_AT_ONCE, True, [])],
    ids=["little", "much", "the last of it"],
)
async def test_give_way(octets: int, closing: bool, told: list[str]) -> None:
    """After many octets the reading pauses for one turn of the loop."""
    transport = RecordedTransport(closing=closing)
    give_way(transport, octets)
    assert told[:1] == transport.told
    await asyncio.sleep(0)
    assert told == transport.told


async def test_less_at_once() -> None:
    """With a smaller limit the reading pauses after fewer octets."""
    transport = RecordedTransport()
    give_way(transport, FRAMING_AT_ONCE, FRAMING_AT_ONCE)
    assert ["pause"] == transport.told


async def test_end_meanwhile() -> None:
    """A transport that is closed in that turn is not resumed."""
    transport = RecordedTransport()
    give_way(transport, READ_AT_ONCE)
    transport.closing = True
    await asyncio.sleep(0)
    assert ["pause"] == transport.told
