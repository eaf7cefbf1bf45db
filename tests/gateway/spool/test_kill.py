"""Killed at any moment, the spool keeps what it has acknowledged."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from gateway.spool import Delivered, Selection, State, open_spool
from tests.gateway.spool.committer import SETTINGS, content
from tests.gateway.spool.spools import body_files, payload

ROUNDS = 20
ROOT = Path(__file__).parents[3]


async def run_and_kill(data_dir: Path, round_number: int, lines: int) -> list[tuple[str, str]]:
    """Let a process commit and deliver until it has printed so many lines, kill it, and return what it printed."""
    program = [sys.executable, "-m", "tests.gateway.spool.committer", str(data_dir), str(round_number)]
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    printed = [await process.stdout.readline() for _ in range(lines)]
    process.kill()
    printed.append(await process.stdout.read())
    await process.wait()
    whole = b"".join(printed).decode()
    return [(word, name) for word, name in map(str.split, whole[: whole.rfind("\n")].splitlines())]


@pytest.mark.slow
async def test_kill(tmp_path: Path) -> None:
    """Twenty times killed: all that was acknowledged is there, as sent and in order, and nothing is there twice."""
    chance = random.Random(3)
    acknowledged: set[str] = set()
    stored: list[str] = []
    for number in range(ROUNDS):
        printed = await run_and_kill(tmp_path, number, chance.randrange(1, 120))
        acknowledged |= {name for word, name in printed if word == "acknowledged"}
        stored += [name for word, name in printed if word == "stored"]
    async with open_spool(tmp_path, SETTINGS) as spool:
        while entries := await spool.claim("store", 100):
            for entry in entries:
                assert content(entry.message.message_id) == await payload(entry)
                stored.append(entry.message.message_id)
                await spool.settle(entry, Delivered())
        totals = {total.state: total.count for total in await spool.totals()}
        records = (await spool.find(Selection(state=State.DELIVERED), limit=10**6)).records
    names = [record.message_id for record in records]
    assert len(set(names)) == len(names) == sum(totals.values())
    assert acknowledged <= set(names)
    assert set(stored) == set(names)
    assert [] == body_files(tmp_path)
    for sender in {name.split("-")[0] for name in names}:
        order = [key for key in map(place, stored) if key[0] == sender]
        assert sorted(order) == order
    # A message is stored twice at most once per kill and sender: it was under way.
    assert len(stored) - len(set(stored)) <= ROUNDS * 4


def place(name: str) -> tuple[str, int, int]:
    """Return a message's sender, round and number."""
    sender, round_number, number = name.split("-")
    return sender, int(round_number), int(number)
