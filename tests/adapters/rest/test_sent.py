"""What was sent is told from other instances, also when it has passed by."""

from collections.abc import AsyncIterator

import pytest

from adapters.rest.content import ContentDigest
from adapters.rest.fingerprint import DataSetDigest
from adapters.rest.sent import Sent
from gateway.message import Buffer, WholeBody
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
