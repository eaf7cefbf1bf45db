"""Hostile receivers over MLLP: no message counts as stored falsely, and others get their answers meanwhile."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.adapters.mllp.client.receiver import receiving
from tests.hostile.hostile_receivers import MIB, REFUSING, TALKATIVE, hostile_receivers
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MOST_MORE = 128 * MIB
"""Memory above what the gateway took before: all answer at once, each with up to 16 MiB."""

LONGEST = 15.0
"""Seconds that an answer to another sender may take; most of them is the time that the hostile receivers here take."""


def configuration(folder: Path, good: int, hostile: Sequence[int]) -> str:
    """Return a gateway with a listener for each receiver."""
    ports = [good, *hostile]
    listeners = "".join(f"  in{number}: {{kind: mllp, port: 0}}\n" for number, _ in enumerate(ports))
    destinations = "".join(
        f"  out{number}: {{kind: mllp, host: 127.0.0.1, port: {port}, answer_seconds: 15}}\n"
        for number, port in enumerate(ports)
    )
    routes = "".join(
        f"  - {{from: in{number}, to: out{number}, within: 60, attempts: 1}}\n" for number, _ in enumerate(ports)
    )
    rest = f"data_dir: {folder / 'data'}\nadmin: {{port: 0}}\ndrain_seconds: 1\n"
    return f"listeners:\n{listeners}destinations:\n{destinations}routes:\n{routes}{rest}"


async def ask(port: int, payload: bytes) -> str:
    """Send one message; return the code of its answer."""
    async with mllp_client(port) as client:
        return code_of(await client.ask(payload))


async def test_hostile_receivers(tmp_path: Path) -> None:
    """Each sender gets its right answer, memory stays within bounds, and no fault of our own is logged."""
    talks = {**REFUSING, **TALKATIVE}
    large = adt("C1") + b"OBX|" + b"A" * 8 * MIB + b"\r"
    async with receiving() as good, hostile_receivers(talks) as ports:
        text = configuration(tmp_path, good.port, ports)
        async with serving(tmp_path, text) as (process, listeners):
            assert "AA" == await ask(listeners["in0"], adt("C0"))
            before = process.peak_memory()
            asked = {
                name: asyncio.create_task(
                    ask(listeners[f"in{number}"], large if name in {"unread", "reset"} else adt("C1"))
                )
                for number, name in enumerate(talks, 1)
            }
            waits: list[float] = []
            loop = asyncio.get_running_loop()
            while not all(task.done() for task in asked.values()):
                begun = loop.time()
                assert "AA" == await ask(listeners["in0"], adt(f"G{len(waits)}"))
                waits.append(loop.time() - begun)
                await asyncio.sleep(0.02)
            assert {name: "AA" if name in TALKATIVE else "AR" for name in talks} == {
                name: task.result() for name, task in asked.items()
            }
            assert max(waits) < LONGEST
            assert process.peak_memory() - before < MOST_MORE
            assert [] == [each for each in process.events if each.get("level") == "error"]
