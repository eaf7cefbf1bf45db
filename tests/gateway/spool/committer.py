"""A process to be killed: commits, claims and settles without end, and prints what it was told."""

import asyncio
import sys
from pathlib import Path

from gateway.spool import Committed, Delivered, Plan, Spool, SpoolSettings, open_spool
from tests.gateway.spool.spools import make_message

SETTINGS = SpoolSettings(min_free_bytes=0, inline_bytes=1000)


def content(name: str) -> bytes:
    """Return the payload of a message, every third of which is kept in a file."""
    return name.encode() * (1000 if int(name.split("-")[2]) % 3 == 0 else 10)


async def commit_for_ever(spool: Spool, name: str) -> None:
    """Commit one sender's messages one after the other; print each that may be acknowledged."""
    number = 0
    while True:
        message = make_message(content(f"{name}-{number}"), f"{name}-{number}")
        if isinstance(await spool.commit(message, Plan(("store",), name.split("-", maxsplit=1)[0])), Committed):
            print("acknowledged", message.message_id, flush=True)  # noqa: T201 - this is its answer
        number += 1


async def deliver_for_ever(spool: Spool) -> None:
    """Deliver whatever is ready; print each when the store has it, before that is recorded."""
    while True:
        for entry in await spool.claim("store", 5):
            print("stored", entry.message.message_id, flush=True)  # noqa: T201
            await spool.settle(entry, Delivered())
        await spool.wait_for_work("store", 1.0)


async def main(data_dir: Path, round_number: str) -> None:
    """Run until killed."""
    async with open_spool(data_dir, SETTINGS) as spool:
        senders = [commit_for_ever(spool, f"s{number}-{round_number}") for number in range(4)]
        await asyncio.gather(*senders, deliver_for_ever(spool))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
