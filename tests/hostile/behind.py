"""Hostile servers behind the gateway: stores, receivers over MLLP, and Pub/Sub, each a process of its own.

Each is with what the gateway's configuration needs for it, and with those who send to it meanwhile.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.hostile.bombs import BOMBS
from tests.hostile.hostile_receivers import REFUSING, TALKATIVE
from tests.hostile.victims import RECEIVER, TALKATIVE_RECEIVER, hostile_stores, running, send_elsewhere
from tests.hostile.ward import VICTIM_SECONDS, add_victims
from tests.ports import free_port

DATASET = "v1/projects/p/locations/l/datasets/d"


@dataclass(frozen=True, slots=True)
class Behind:
    """One hostile server."""

    add: Callable[[dict[str, Any]], None]
    """Adds to the gateway's configuration what has to do with it."""
    send: Callable[[Mapping[str, int], float], Awaitable[None]]
    """Sends to the listeners that it is behind, by their ports, for so many seconds; raises AssertionError where an
    answer is wrong."""


@asynccontextmanager
async def _store(name: str, _: Path) -> AsyncIterator[Behind]:
    async with hostile_stores() as url:
        yield Behind(partial(add_victims, number=0, url=f"{url}/{name}"), send_elsewhere)


@asynccontextmanager
async def _receiver(name: str, _: Path) -> AsyncIterator[Behind]:
    port = free_port()
    listener = TALKATIVE_RECEIVER if name in TALKATIVE else RECEIVER

    def add(configuration: dict[str, Any]) -> None:
        configuration["listeners"][listener] = {"kind": "mllp", "port": 0, "max_connections": 10}
        receiver = {"kind": "mllp", "host": "127.0.0.1", "port": port, "connections": 2, "answer_seconds": 3}
        configuration["destinations"][listener] = receiver
        route = {"from": listener, "to": listener, "within": VICTIM_SECONDS, "attempts": 1}
        configuration["routes"].append(route)

    async with running(port, sys.executable, "-m", "tests.hostile.hostile_receivers", str(port), name):
        yield Behind(add, send_elsewhere)


@asynccontextmanager
async def _pubsub(name: str, folder: Path) -> AsyncIterator[Behind]:
    """Run a Pub/Sub, and the store that it tells of: both answer with the bomb."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    def add(configuration: dict[str, Any]) -> None:
        configuration["data_dir"] = str(folder / "data")
        configuration["listeners"]["source"] = {
            "kind": "pubsub",
            "subscription": "projects/p/subscriptions/s",
            "store": f"{url}/{DATASET}/hl7V2Stores/s",
            "pubsub_url": url,
            "acknowledge": "relay",
            "start": "oldest",
            "reconcile_seconds": 1,
            "read_seconds": 3,
            "total_seconds": 3,
        }
        configuration["routes"].append({"from": "source", "to": "messages"})

    async def send(_: Mapping[str, int], seconds: float) -> None:
        await asyncio.sleep(seconds)  # nobody has to send: the gateway asks

    async with running(port, sys.executable, "-m", "tests.hostile.hostile_store", str(port), name):
        yield Behind(add, send)


HOSTILE: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Behind]]] = {
    **{f"store-{name}": partial(_store, name) for name in BOMBS},
    **{f"receiver-{name.replace(' ', '-')}": partial(_receiver, name) for name in (*REFUSING, *TALKATIVE)},
    **{f"pubsub-{name}": partial(_pubsub, name) for name in BOMBS},
}
"""Every hostile server by the name of its row; each is given a folder."""
