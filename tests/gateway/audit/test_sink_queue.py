"""The queue of a sink, which never makes the gateway wait."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from gateway.audit.interface import Taken
from gateway.audit.message import AuditMessage, memory_of
from gateway.audit.sink_queue import SinkQueue
from gateway.telemetry.metrics import Metrics
from tests.gateway.audit.samples import MESSAGES
from tests.gateway.audit.test_fitting import TOO_LARGE

START, STOP = MESSAGES["start"], MESSAGES["stop"]


class FakeSink:
    """Fails as often as it was told to; may hang until it is let go."""

    name = "fake"

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.written: list[AuditMessage] = []
        self.closed = 0
        self.open = threading.Event()
        self.open.set()

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Take them, or not."""
        assert self.open.wait(10)
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError(111, "Connection refused")
        self.written += messages
        return Taken()

    def close(self) -> None:
        """Count it."""
        self.closed += 1


def counted(metrics: Metrics, result: str) -> float:
    """Return ``hilum_audit_events_total`` for *result*."""
    return float(metrics.audit_events.labels("fake", result)._value.get())


def at_once(_: float) -> float:
    """Wait no longer than the loop needs."""
    return 0.0


async def test_order() -> None:
    """Messages reach the sink in their order, also those queued just before the end."""
    sink, metrics = FakeSink(), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"))
    for message in (START, STOP, START):
        sink_queue.put(message)
    await sink_queue.close(5)
    assert [START, STOP, START] == sink.written
    assert 3 == counted(metrics, "written")


async def test_sink_that_recovers() -> None:
    """What a sink could not take is tried again, in order; failures are counted, nothing is lost."""
    sink, metrics = FakeSink(failures=2), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"), at_once)
    sink_queue.put(START)
    sink_queue.put(STOP)
    await sink_queue.close(5)
    assert [START, STOP] == sink.written
    assert (2, 2, 0) == (counted(metrics, "failed"), counted(metrics, "written"), counted(metrics, "dropped"))


async def test_sink_that_is_down_for_long() -> None:
    """However often a sink has failed, it is tried again."""
    sink, metrics = FakeSink(failures=1_100), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"), at_once)
    assert await sink_queue.put_and_wait(START, 60) is None
    await sink_queue.close(5)
    assert [START] == sink.written


async def test_hanging_sink() -> None:
    """A sink that hangs does not block `put`; messages that do not fit into the queue are dropped and counted."""
    sink, metrics = FakeSink(), Metrics()
    sink.open.clear()
    sink_queue = SinkQueue(sink, 2, metrics.audit("fake"))
    for _ in range(5):
        sink_queue.put(START)
    await asyncio.sleep(0)
    assert 3 == counted(metrics, "dropped")
    sink.open.set()
    await sink_queue.close(5)
    assert 2 == len(sink.written)


@pytest.mark.parametrize("name", ["hl7", "instances refused", "alert"])
async def test_octets(name: str) -> None:
    """A queue is bounded in octets, too, whatever event fills it, and what was written makes room again."""
    sink, metrics = FakeSink(), Metrics()
    sink.open.clear()
    message = MESSAGES[name]
    size = memory_of(message)
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"), most_octets=3 * size)
    for _ in range(5):
        sink_queue.put(message)
    assert (3 * size, 2) == (sink_queue.octets, counted(metrics, "dropped"))
    sink.open.set()
    await sink_queue.close(5)
    assert (0, [message] * 3) == (sink_queue.octets, sink.written)


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_larger_than_the_queue(name: str) -> None:
    """An event that is larger than the whole queue may be goes in shortened or in parts, and is not dropped."""
    sink, metrics = FakeSink(), Metrics()
    sink_queue = SinkQueue(sink, 10_000, metrics.audit("fake"), most_octets=40_000)
    message = TOO_LARGE[name]()
    sink_queue.put(message)
    await sink_queue.close(5)
    assert {message.event} == {each.event for each in sink.written}


async def test_counts() -> None:
    """Shortened events are counted apart from those that went as they are, and from those that could not go."""

    class Narrow(FakeSink):
        def write(self, messages: Sequence[AuditMessage]) -> Taken:
            super().write(messages)
            return Taken(shortened=2, too_large=1)

    metrics = Metrics()
    sink_queue = SinkQueue(Narrow(), 10, metrics.audit("fake"))
    for _ in range(5):
        sink_queue.put(START)
    await sink_queue.close(5)
    assert [2, 2, 1] == [counted(metrics, result) for result in ("written", "shortened", "too_large")]


async def test_wait_until_written() -> None:
    """Who waits for a message is told that it is written, after a failure too."""
    sink, metrics = FakeSink(failures=1), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"), at_once)
    sink_queue.put(STOP)
    assert await sink_queue.put_and_wait(START, 60) is None
    assert [STOP, START] == sink.written
    await sink_queue.close(5)


async def test_not_written_in_time() -> None:
    """Who waits is told after the grace why nothing was written; the message stays queued."""
    sink, metrics = FakeSink(failures=1_000_000_000), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"), lambda _: 0.01)
    sink_queue.put(STOP)
    assert "fake: Connection refused" == await sink_queue.put_and_wait(START, 0.5)
    sink.failures = 0
    await sink_queue.close(5)
    assert [STOP, START] == sink.written


async def test_no_answer_in_time() -> None:
    """A sink that hangs is a reason, too."""
    sink, metrics = FakeSink(), Metrics()
    sink.open.clear()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"))
    assert "fake: no answer" == await sink_queue.put_and_wait(START, 0.1)
    sink.open.set()
    await sink_queue.close(5)


async def test_no_place_in_the_queue() -> None:
    """Nobody waits for a message that the full queue has dropped."""
    sink, metrics = FakeSink(), Metrics()
    sink.open.clear()
    sink_queue = SinkQueue(sink, 1, metrics.audit("fake"))
    sink_queue.put(STOP)
    assert "fake: the queue is full" == await sink_queue.put_and_wait(START, 60)
    sink.open.set()
    await sink_queue.close(5)


async def test_end_with_a_dead_sink() -> None:
    """A sink that stays down delays the end for the grace only; what it never got is counted as dropped."""
    sink, metrics = FakeSink(failures=1_000_000), Metrics()
    sink_queue = SinkQueue(sink, 10, metrics.audit("fake"))
    sink_queue.put(START)
    async with asyncio.timeout(60):
        await sink_queue.close(0.1)
    assert 1 == counted(metrics, "dropped")
