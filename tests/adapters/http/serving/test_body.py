"""Reading a body within the limits of its peer."""

import asyncio
from collections.abc import Sequence

from adapters.http.answers import Problem
from adapters.http.serving.body import NO_ROOM, SILENT, TOO_LARGE, TOO_SLOW, BodyReader
from adapters.http.serving.memory import Memory
from adapters.http.settings import HttpListenerSettings
from gateway.limits.shared import ProcessLimits


class Chunks:
    """A body whose chunks come after pauses, in seconds."""

    def __init__(self, chunks: Sequence[tuple[float, bytes]]) -> None:
        self.left = list(chunks)

    async def readany(self) -> bytes:
        """Return the next chunk; at the end nothing."""
        if not self.left:
            return b""
        pause, chunk = self.left[0]
        await asyncio.sleep(pause)
        del self.left[0]
        return chunk


def reader(memory: Memory | None = None, **more: float) -> BodyReader:
    """Return what reads a body of at most ten octets, unless told otherwise."""
    given = {"kind": "http", "accepts": "fhir", "port": 0, "max_body": 10, **more}
    return BodyReader(HttpListenerSettings.model_validate(given), memory or Memory(None, lambda: None))


async def test_a_whole_body() -> None:
    """The chunks are joined."""
    assert b"abcd" == await reader().read(Chunks([(0, b"ab"), (0, b"cd")]))


async def test_the_largest_body() -> None:
    """A body of exactly the limit is taken; one octet more is too large, as soon as it is there."""
    assert b"a" * 10 == await reader().read(Chunks([(0, b"a" * 10)]))
    endless = Chunks([(0, b"a" * 6), (0, b"a" * 5), (9999, b"")])
    assert TOO_LARGE is await reader().read(endless)


async def test_silence() -> None:
    """A peer that stops in the middle is given up."""
    assert SILENT is await reader(message_seconds=0.05, min_bytes_per_second=0).read(Chunks([(0, b"a"), (9999, b"b")]))


async def test_a_trickle() -> None:
    """A peer that sends an octet now and then is given up, although it is never silent for long."""
    trickle = Chunks([(0.02, b"a")] * 10_000)
    found = await reader(message_seconds=0.2, min_bytes_per_second=1000, max_body=10_000).read(trickle)
    assert TOO_SLOW is found


async def test_any_rate() -> None:
    """Where there is no least rate, only silence counts."""
    slow = Chunks([(0.1, b"a")] * 5)
    assert b"aaaaa" == await reader(message_seconds=0.4, min_bytes_per_second=0).read(slow)


async def test_memory() -> None:
    """A peer waits for memory; the wait does not count as its silence."""
    limits = ProcessLimits(1 << 20)
    others = limits.account(lambda: None, lambda: None)
    others.update(2 << 20)

    def others_go() -> None:
        asyncio.get_running_loop().call_later(0.2, others.update, 0)

    memory = Memory(limits, others_go)
    body = b"a" * (1 << 20)
    found = await reader(memory, max_body=2 << 20, message_seconds=30).read(Chunks([(0, body)]))
    assert body == found


async def test_no_memory() -> None:
    """A peer for which there is no memory in time is told to come again."""
    limits = ProcessLimits(1 << 20)
    limits.account(lambda: None, lambda: None).update(2 << 20)
    found = await reader(Memory(limits, lambda: None), max_body=2 << 20, message_seconds=0.1).read(
        Chunks([(0, b"a" * (1 << 20))])
    )
    assert NO_ROOM is found
    assert isinstance(found, Problem)
    assert (("Retry-After", "5"),) == found.headers
