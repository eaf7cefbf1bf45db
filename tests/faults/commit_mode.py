"""A gateway in commit mode, and what an operator sees of its spool."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.spool import Record, Selection, SpoolSettings, State, open_for_operator
from tests.faults.sink import Sink

MLLP = "kind: mllp, port: 0"


def http(sink: Sink, *more: str) -> dict[str, str]:
    """Return the destination ``out``."""
    return {"out": ", ".join((f'kind: http, accept_empty: true, url: "{sink.url}"', *more))}


def committing(
    data_dir: Path,
    destinations: dict[str, str],
    listener: str = MLLP,
    spool: str = "min_free_bytes: 0",
) -> str:
    """Return a configuration of one listener ``in`` that commits, for *destinations* (name to flow YAML)."""
    named = ", ".join(f"{name}: {{{flow}}}" for name, flow in destinations.items())
    return f"""
listeners: {{in: {{{listener}, acknowledge: commit}}}}
destinations: {{{named}}}
routes: [{{from: in, to: [{", ".join(destinations)}]}}]
admin: {{port: 0}}
data_dir: {data_dir}
spool: {{{spool}}}
drain_seconds: 2
"""


async def records(data_dir: Path, selection: Selection | None = None) -> Sequence[Record]:
    """Return the record of every entry in the spool, looked at from beside the gateway."""
    async with open_for_operator(data_dir, SpoolSettings()) as operations:
        return (await operations.find(selection or Selection(), limit=100_000)).records


async def states(data_dir: Path) -> dict[State, int]:
    """Return how many entries are in each state."""
    return dict(Counter(record.state for record in await records(data_dir)))


async def until_states(data_dir: Path, expected: dict[State, int]) -> None:
    """Wait until the spool's entries are in these states."""
    async with asyncio.timeout(60):
        while expected != await states(data_dir):
            await asyncio.sleep(0.05)


@contextmanager
def database(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """Open the spool's database beside the gateway."""
    (path,) = data_dir.rglob("spool.db")
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
