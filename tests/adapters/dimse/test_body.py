"""The window between socket and store."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.dimse.body import FRAGMENT_COST, IncomingBody
from gateway.contract.body import Body, Buffer
from gateway.contract.errors import LocalProtocolError
from gateway.limits.shared import ProcessLimits
from tests.adapters.dimse.fakes import until

HEADER = b"header"


class Gate:
    """Counts the pauses."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pause(self) -> None:
        """Remember."""
        self.told.append("pause")

    def resume(self) -> None:
        """Remember."""
        self.told.append("resume")


def body(gate: Gate, window: int = 1 << 20) -> IncomingBody:
    """Return a body behind *gate*."""
    return IncomingBody(HEADER, window, gate.pause, gate.resume)


async def drain(chunks: AsyncIterator[Buffer]) -> bytes:
    """Return all *chunks* joined."""
    return b"".join([bytes(chunk) async for chunk in chunks])


async def test_header_first_then_fragments() -> None:
    """A consumer gets the header at once and each fragment when it is there."""
    incoming = body(Gate())
    consumer = asyncio.create_task(drain(incoming.chunks()))
    for part in (b"a", b"b"):
        incoming.feed(memoryview(part))
        await asyncio.sleep(0)
    seen = [incoming.is_consumed]
    incoming.finish()
    assert b"headerab" == await consumer
    assert [False, True] == [*seen, incoming.is_consumed]
    assert 2 == incoming.received


async def test_fragments_are_not_copied() -> None:
    """What the socket gave is what the consumer gets."""
    incoming, octets = body(Gate()), b"abc"
    incoming.feed(memoryview(octets))
    incoming.finish()
    _, chunk = [chunk async for chunk in incoming.chunks()]
    assert isinstance(chunk, memoryview)
    assert chunk.obj is octets


async def test_empty_fragments_are_no_chunks() -> None:
    """An empty chunk would end a chunked HTTP request."""
    incoming = body(Gate())
    incoming.feed(memoryview(b""))
    incoming.finish()
    assert [HEADER] == [chunk async for chunk in incoming.chunks()]


async def test_account() -> None:
    """The held octets are reported with every fragment that comes and every chunk that is taken, down to 0."""
    limits = ProcessLimits(1 << 20)
    account = limits.account(lambda: None, lambda: None)
    incoming = IncomingBody(HEADER, 1 << 20, lambda: None, lambda: None, account.update)
    for _ in range(2):
        incoming.feed(memoryview(b"xy"))
    held = [account.held]
    chunks = incoming.chunks()
    for _ in range(2):
        await anext(chunks)
        held.append(account.held)
    incoming.discard()
    one = 2 + FRAGMENT_COST
    assert [2 * one, 2 * one, one, 0] == [*held, limits.in_flight_octets]


async def test_window() -> None:
    """A full window stops the peer, a half empty one lets it go on."""
    gate = Gate()
    incoming = body(gate, window=3 * FRAGMENT_COST)
    for _ in range(3):
        incoming.feed(memoryview(b"x"))
    assert ["pause"] == gate.told
    incoming.feed(memoryview(b"x"))
    chunks = incoming.chunks()
    seen = []
    for _ in range(5):
        await anext(chunks)
        seen.append(gate.told[-1])
    assert ["pause"] * 3 + ["resume"] * 2 == seen
    assert ["pause", "resume"] == gate.told


async def test_discard() -> None:
    """A discarded body keeps nothing, and does not hold the peer up."""
    gate = Gate()
    incoming = body(gate, window=2)
    incoming.feed(memoryview(b"abc"))
    incoming.discard()
    incoming.feed(memoryview(b"abc"))
    assert ["pause", "resume"] == gate.told
    assert 6 == incoming.received
    assert not incoming.is_consumed


async def test_discard_cancels_who_still_waits() -> None:
    """A consumer of a discarded body is cancelled, and does not take the beginning for the whole."""
    incoming = body(Gate())
    consumer = asyncio.create_task(drain(incoming.chunks()))
    await until(lambda: incoming._wanted is not None)
    incoming.discard()
    with pytest.raises(asyncio.CancelledError):
        await consumer


async def test_discarded_before_it_is_read() -> None:
    """A body that was discarded has no chunks to give, and no end."""
    incoming = body(Gate())
    incoming.discard()
    incoming.finish()
    with pytest.raises(asyncio.CancelledError):
        await anext(incoming.chunks())


async def test_read_twice() -> None:
    """A body that is still arriving is not replayable."""
    incoming: Body = body(Gate())
    assert not incoming.replayable
    assert incoming.length is None
    await anext(incoming.chunks())
    with pytest.raises(LocalProtocolError):
        await anext(incoming.chunks())
