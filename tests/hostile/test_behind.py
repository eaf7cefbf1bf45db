"""Hostile servers behind the gateway, as ``make hostile`` measures them: their effect on others is bounded."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.hostile.behind import HOSTILE
from tests.hostile.bombs import BOMBS, TIMED
from tests.hostile.hostile_receivers import MIB
from tests.hostile.regulars import at_work
from tests.hostile.ward import ward

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECONDS = 1.5
FAILED = re.compile(r"^hilum_source_failures_total\{.*\} [1-9]", re.MULTILINE)
SOME = [
    "pubsub-json_deep",
    "pubsub-json_flat",
    "pubsub-gzip",
    "pubsub-endless",
    "pubsub-header_fields",
    "pubsub-silent",
    "receiver-its-answer-for-ever",
    "receiver-blocks-without-an-end",
]
"""All of them take their time: ``make hostile`` runs them; ``test_hostile_receivers`` has all receivers at once."""
MOST_MORE = 64 * MIB


@pytest.mark.parametrize("name", SOME)
async def test_behind(name: str, tmp_path: Path) -> None:
    """Regulars get their answers, memory is bounded, and no fault of our own is logged."""
    async with HOSTILE[name](tmp_path) as behind, ward(tmp_path, add=behind.add) as gateway:
        before = gateway.usage.peak()
        async with at_work(gateway.ports) as regulars:
            await asyncio.gather(behind.send(gateway.listeners, SECONDS), regulars.answered())
        if name.startswith("pubsub") and name.removeprefix("pubsub-") not in TIMED:
            async with asyncio.timeout(60):  # until the first pull, on a busy machine
                while not FAILED.search(await gateway.metrics()):
                    await asyncio.sleep(0.1)
        assert await gateway.internal_errors() == 0
        assert [] == gateway.process.events, "an error was logged: a fault of our own"
        assert gateway.usage.peak() - before < MOST_MORE


def test_names() -> None:
    """Every bomb is a store and a Pub/Sub; names can be typed."""
    assert {f"{sort}-{name}" for name in BOMBS for sort in ("store", "pubsub")} <= HOSTILE.keys()
    assert [] == [name for name in HOSTILE if " " in name]
