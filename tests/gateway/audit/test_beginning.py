"""Copying the beginning of a streamed body."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import cast

from gateway.audit.beginning import MOST_OCTETS, OverheardBody
from gateway.contract.body import Buffer, WholeBody
from tests.gateway.fakes import FakeArrivingBody


async def test_passes_everything_on() -> None:
    """What comes out is what went in; only its beginning is kept."""
    arriving = FakeArrivingBody()
    chunks = [b"a" * 40_000, b"b" * 40_000, b"c"]
    for each in (*chunks, None):
        arriving.queue.put_nowait(each)
    body = OverheardBody(arriving)
    assert chunks == [bytes(each) async for each in body.chunks()]
    assert b"".join(chunks)[:MOST_OCTETS] == body.beginning
    assert (None, False) == (body.length, body.replayable)


async def test_read_again() -> None:
    """A body that is read twice has one beginning."""
    body = OverheardBody(WholeBody(b"abc"))
    for _ in range(2):
        assert [b"abc"] == [each async for each in body.chunks()]
    assert (b"abc", 3, True) == (body.beginning, body.length, body.replayable)


def test_before_it_is_read() -> None:
    """Of a body that nobody has read nothing is known."""
    assert b"" == OverheardBody(WholeBody(b"abc")).beginning


async def test_closed_in_the_middle() -> None:
    """A reader that stops early also closes the wrapped body, such as a file of the spool."""
    ended: list[bool] = []

    class FileLike(WholeBody):
        async def chunks(self) -> AsyncIterator[Buffer]:
            try:
                yield b"a"
                yield b"b"
            finally:
                ended.append(True)

    chunks = cast("AsyncGenerator[Buffer, None]", OverheardBody(FileLike(b"")).chunks())
    assert b"a" == await anext(chunks)
    await chunks.aclose()
    assert [True] == ended
