"""What the tests of the spool share: a clock they turn, messages, and shorthands."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from gateway.contract.body import Buffer, WholeBody
from gateway.contract.message import Message
from gateway.spool import Committed, Entry, Plan, Record, Selection, Spool, SpoolSettings, State

KEY = bytes(range(32))
LARGE = b"0123456789abcdef" * 40
"""More than SETTINGS keep in the database."""
PATIENCE = 300.0
"""Seconds that a test waits for what must happen: on a busy disk one fsync may take many."""
SETTINGS = SpoolSettings(min_free_bytes=0, inline_bytes=64)


class FakeClock:
    """A clock that goes when the test says so, in either direction."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the reading."""
        return self.now


class Chunks:
    """A body that arrives in pieces and may end with an exception."""

    replayable = False

    def __init__(self, pieces: Iterable[bytes | Exception], length: int | None = None) -> None:
        self._pieces = pieces
        self.length = length

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the pieces."""
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield memoryview(piece)


def make_message(data: bytes = b"MSH|1", message_id: str = "m1", listener: str = "adt") -> Message:
    """Return a message that is in memory."""
    facts = {"protocol": "mllp", "listener": listener}
    return Message(message_id, WholeBody(data), facts, {"control_id": f"C-{message_id}"}, charset="8859/1")


async def commit(spool: Spool, data: bytes = b"MSH|1", message_id: str = "m1", plan: Plan | None = None) -> Committed:
    """Commit a message that must be taken."""
    outcome = await spool.commit(make_message(data, message_id), plan or Plan(("store",)))
    assert isinstance(outcome, Committed), outcome
    return outcome


async def claim_one(spool: Spool, destination: str = "store") -> Entry:
    """Claim the only entry that is ready."""
    (entry,) = await spool.claim(destination, 100)
    return entry


async def next_one(spool: Spool, destination: str = "store") -> Entry:
    """Claim the only entry as soon as it is ready: who is woken may find nothing yet, and waits again.

    The caller's time limit is shorter than the wait, so that only being woken ends it.
    """
    while not (found := await spool.claim(destination, 100)):
        await spool.wait_for_work(destination, 3600)
    (entry,) = found
    return entry


async def payload(entry: Entry) -> bytes:
    """Read an entry's whole payload."""
    return b"".join([bytes(chunk) async for chunk in entry.message.body.chunks()])


async def only_record(spool: Spool) -> Record:
    """Return the record of the only entry there is."""
    (record,) = (await spool.find(Selection())).records
    return record


def folder_of(data_dir: Path) -> Path:
    """Return the folder of the only spool there is."""
    (database,) = (data_dir / "spool").glob("*/spool.db")
    return database.parent


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what is in a folder."""
    return sorted(folder.glob(pattern))


def body_files(data_dir: Path) -> list[Path]:
    """Return the payload files of the only spool there is."""
    return files_in(folder_of(data_dir) / "bodies")


async def claimed(spool: Spool, limit: int = 100, destination: str = "store") -> list[str]:
    """Claim and return the names of the messages."""
    return [entry.message.message_id for entry in await spool.claim(destination, limit)]


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def waiting(spool: Spool) -> int:
    """Return how many messages wait."""
    return sum(total.count for total in await spool.totals() if total.state is State.WAITING)


async def held(*spools: Spool) -> int:
    """Return how many records these spools have open."""
    return sum([len((await spool.find(Selection())).records) for spool in spools])
