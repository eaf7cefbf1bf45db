"""Hostile stores answer what they like; peers of a well-behaved store beside them get their right answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tests.hostile.bombs import BOMBS, MIB, TIMED
from tests.hostile.regulars import at_work
from tests.hostile.victims import hostile_stores, send_all
from tests.hostile.ward import Ward, ward

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MOST_MORE = 64 * MIB
"""Memory above what the gateway took before."""
QUIET_SECONDS = 0.3


async def one_by_one(gateway: Ward, names: Sequence[str]) -> None:
    """Have each store asked when the one before has been."""
    for number, _ in enumerate(names):
        await send_all(gateway.listeners, number)


async def all_at_once(gateway: Ward, names: Sequence[str]) -> None:
    """Have all stores asked at once: they hold what is theirs until the time is over."""
    async with asyncio.TaskGroup() as group:
        for number, _ in enumerate(names):
            group.create_task(send_all(gateway.listeners, number))


@pytest.mark.parametrize(
    ("names", "ask"),
    [(sorted(BOMBS.keys() - TIMED), one_by_one), (sorted(TIMED), all_at_once)],
    ids=["bombs", "slow"],
)
async def test_hostile_stores(
    names: Sequence[str], ask: Callable[[Ward, Sequence[str]], Awaitable[None]], tmp_path: Path
) -> None:
    """Regulars get their answers, whoever sends to a hostile store a negative one, and memory stays within bounds."""
    async with hostile_stores() as url, ward(tmp_path, hostile_stores=[f"{url}/{name}" for name in names]) as gateway:
        async with at_work(gateway.ports):
            await asyncio.sleep(QUIET_SECONDS)
        before = gateway.usage.peak()
        async with at_work(gateway.ports) as regulars:
            await ask(gateway, names)
        assert regulars.hl7
        assert regulars.dicom
        assert await gateway.internal_errors() == 0
        assert gateway.process.events == [], "an error was logged: a fault of our own"
        assert gateway.usage.peak() - before < MOST_MORE
