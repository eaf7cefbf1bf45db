"""Hostile peers do what they like over real sockets; well-behaved ones get their right answers all the while."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.attacks import ATTACKS
from tests.hostile.regulars import at_work, p99
from tests.hostile.ward import MOST_MEMORY, ward

pytestmark = pytest.mark.timeout(300)

QUIET_SECONDS = 0.3
ALWAYS = {"dicom-echo_flood", "dicom-silent", "dicom-tiny_pdus", "hl7-one_octet_at_a_time", "http-tiny_chunks"}
"""Those of `make test`; the others are slow."""


@pytest.mark.parametrize(
    "name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in ATTACKS]
)
async def test_attack(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The regulars' answers are right, memory is bounded, and afterwards the gateway is at rest and healthy."""
    async with ward(tmp_path) as gateway:
        async with at_work(gateway.ports) as quiet:
            await asyncio.sleep(QUIET_SECONDS)
            await quiet.answered()
        async with at_work(gateway.ports) as disturbed:
            async with asyncio.timeout(180):
                await ATTACKS[name](gateway.ports)
            await disturbed.answered()
        await gateway.at_rest()
        assert gateway.usage.peak() < MOST_MEMORY
        assert await gateway.internal_errors() == 0
        assert gateway.process.events == [], "an error was logged: a fault of our own"
        async with at_work(gateway.ports) as afterwards:
            await afterwards.answered()
        for protocol, seconds in quiet.seconds.items():
            ratio = p99(disturbed.seconds[protocol]) / p99(seconds)
            record_property(f"p99 of {protocol}, times the quiet one", ratio)
