"""A spool with known entries, held open as a daemon does, for the tests of what operators see and do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.spool import Delivered, Parked, Plan, Selection, Settlement, Spool, State, open_spool
from tests.gateway.spool.spools import SETTINGS, FakeClock, claim_one, make_message

MARK = b"EVERYWOMAN^EVE"
SMALL = b"MSH|^~\\&|\rPID|||1||" + MARK + b"\r"
LARGE = SMALL * 20
"""More than SETTINGS keep in the database."""
REFUSED = "the store refused it"


@dataclass(frozen=True, slots=True)
class Spooled:
    """An open spool and the IDs of its entries, the oldest first."""

    spool: Spool
    data_dir: Path
    delivered: str
    parked: str
    """For the destination ``store``; small."""
    parked_large: str
    waiting: str
    """For the destination ``other``, from the listener ``scanner``; an hour younger than the rest."""

    async def records(self) -> dict[str, tuple[State, str | None]]:
        """Return each entry's state and reason, in the order in which they were committed."""
        records = (await self.spool.find(Selection(), newest=True)).records
        return {each.entry_id: (each.state, each.reason) for each in reversed(records)}

    async def states(self) -> list[str]:
        """Return the states of the entries, in their order."""
        return [str(state) for state, _ in (await self.records()).values()]


@asynccontextmanager
async def filled_spool(data_dir: Path, clock: FakeClock) -> AsyncIterator[Spooled]:
    """Open a spool, leave four entries in it, received from two hours before *clock* on, and keep it open."""
    clock.now -= 7200
    async with open_spool(data_dir, SETTINGS, clock=clock) as spool:
        ends: list[tuple[bytes, Settlement]] = [
            (SMALL, Delivered()),
            (SMALL, Parked(REFUSED)),
            (LARGE, Parked(REFUSED)),
        ]
        for number, (data, end) in enumerate(ends):
            await spool.commit(make_message(data, f"m{number}"), Plan(("store",)))
            await spool.settle(await claim_one(spool), end)
        clock.now += 3600
        await spool.commit(make_message(SMALL, "m3", "scanner"), Plan(("other",)))
        ids = [each.entry_id for each in (await spool.find(Selection(), newest=True)).records]
        yield Spooled(spool, data_dir, *reversed(ids))
