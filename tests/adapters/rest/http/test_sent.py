"""The fingerprints of an instance that was sent, even of one that cannot be read again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.rest.dicomweb.content import ContentDigest
from adapters.rest.dicomweb.fingerprint import DataSetDigest
from adapters.rest.http.sent import Sent
from gateway.contract.body import Buffer, WholeBody
from tests.adapters.rest.encodings import SYNTAXES, encode, instance

FILE = encode(instance(), SYNTAXES["implicit"])


class Arriving:
    """A body that can be read once."""

    length = None
    replayable = False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body in fragments."""
        for start in range(0, len(FILE), 100):
            yield memoryview(FILE)[start : start + 100]


async def send(sent: Sent) -> bytes:
    """Return what goes to the store."""
    return b"".join([bytes(chunk) async for chunk in sent.chunks()])


BODIES = {
    "arriving": (lambda: Sent(Arriving()), False),
    "arriving, content wanted": (lambda: Sent(Arriving(), with_content=True), True),
    "whole": (lambda: Sent(WholeBody(FILE)), True),
}


@pytest.mark.parametrize(("make", "has_content"), BODIES.values(), ids=BODIES)
async def test_fingerprints(make: "type[Sent]", has_content: bool) -> None:
    """The octets are always known afterwards, the content where it was wanted or can be read again."""
    sent = make()  # type: ignore[call-arg]
    assert FILE == await send(sent)
    fingerprint = await sent.fingerprint()
    digest = DataSetDigest(fingerprint.key)
    digest.update(FILE)
    assert digest.finish() == fingerprint == await sent.fingerprint()
    assert has_content == sent.has_content
    content, _ = await sent.content()
    assert has_content == (content is not None)
    if content is not None:
        expected = ContentDigest(content.key)
        expected.update(FILE)
        assert expected.finish() == content


class Waiting(Arriving):
    """A body of which the second half comes when it is told to."""

    def __init__(self) -> None:
        self.rest = asyncio.Event()
        self.error: BaseException | None = None

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body in two halves."""
        yield FILE[:300]
        await self.rest.wait()
        if self.error is not None:
            raise self.error
        yield FILE[300:]


async def test_rest_of_a_body_that_was_sent_in_part() -> None:
    """The fingerprint of a body of which the store did not take all is that of the whole."""
    sent = Sent(Arriving(), with_content=True)
    chunks = sent.chunks()
    await anext(chunks)
    await chunks.aclose()  # type: ignore[attr-defined]
    assert await sent.read_on()
    fingerprint = await sent.fingerprint()
    digest = DataSetDigest(fingerprint.key)
    digest.update(FILE)
    assert digest.finish() == fingerprint
    content, _ = await sent.content()
    assert content is not None
    expected = ContentDigest(content.key)
    expected.update(FILE)
    assert expected.finish() == content


@pytest.mark.parametrize("make", [make for make, _ in BODIES.values()], ids=BODIES)
async def test_nothing_is_left(make: "type[Sent]") -> None:
    """A body that was sent completely, or can be read again, needs no further reading."""
    sent = make()  # type: ignore[call-arg]
    await send(sent)
    assert await sent.read_on()


async def test_rest_that_is_gone() -> None:
    """Where the sending was cancelled while it waited for the peer, the rest cannot be read."""
    sent = Sent(Waiting())
    chunks = sent.chunks()
    await anext(chunks)
    waiting = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not await sent.read_on()


async def test_body_that_is_given_up_meanwhile() -> None:
    """A body that its peer gives up ends the reading, not the task that reads."""
    body = Waiting()
    body.error = asyncio.CancelledError()
    body.rest.set()
    sent = Sent(body)
    await anext(sent.chunks())
    assert not await sent.read_on()


async def test_reading_that_is_cancelled() -> None:
    """Cancelling the reading ends it."""
    sent = Sent(Waiting())
    await anext(sent.chunks())
    reading = asyncio.create_task(sent.read_on())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
