"""Reports what an operator does to the audit trail, also when a failure cuts it off."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.contract.acts import Act, TellAct
from gateway.spool import Selection
from gateway.spool.operating.selection import describe


class Told:
    """What is reported of an act: filled in while the act is done."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.not_audited: Sequence[str] = ()
        """After the act: why its event is not in the audit trail, for each sink that has not written it."""


@asynccontextmanager
async def telling(
    tell: TellAct, by: str, done: str, selection: Selection, why: str = "", address: str = ""
) -> AsyncIterator[Told]:
    """Yield the object that takes the number of entries; report the act through *tell* at the end, also on failure."""
    told, is_done = Told(), False
    try:
        yield told
        is_done = True
    finally:
        count = "an unknown number of" if told.count is None else told.count
        what = f"{done}: {count} spooled entries; {describe(selection)}"
        told.not_audited = await tell(Act(by, what, why, address, is_done))
