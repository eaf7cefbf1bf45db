"""The heartbeat of a worker."""

import asyncio
import os
import select
from collections.abc import Iterator

import pytest

from gateway.process.heartbeat import HeartbeatMonitor, beat


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return a pipe."""
    ends = os.pipe()
    yield ends
    for each in ends:
        os.close(each)


def test_silence_is_counted(pipe: tuple[int, int]) -> None:
    """Looks without a heartbeat add up; a look that finds one starts again from 0."""
    reader, writer = pipe
    pulse = HeartbeatMonitor(reader)
    found = []
    for beats in (0, 0, 1, 0, 3, 0):
        os.write(writer, b"\0" * beats)
        pulse.look(1.0)
        found.append(pulse.silent_seconds)
    assert [1.0, 2.0, 0.0, 1.0, 0.0, 1.0] == found


async def test_a_loop_that_turns_beats(pipe: tuple[int, int]) -> None:
    """The loop beats again and again."""
    reader, writer = pipe
    pulse = HeartbeatMonitor(reader)
    beat(writer)
    async with asyncio.timeout(60):
        for _ in range(2):
            while True:
                pulse.look(1.0)
                if not pulse.silent_seconds:
                    break
                await asyncio.sleep(0.05)


async def test_nobody_reads(pipe: tuple[int, int]) -> None:
    """A full pipe does not block the worker: its supervisor may hang."""
    _, writer = pipe
    os.set_blocking(writer, False)
    while select.select([], [writer], [], 0)[1]:
        os.write(writer, bytes(4096))
    beat(writer)
