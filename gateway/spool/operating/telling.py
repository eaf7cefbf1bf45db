"""Reports what an operator does, also when a failure cuts it off."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.contract.acts import Act, TellAct
from gateway.spool import Selection
from gateway.spool.operating.selection import describe


class Told:
    """What is reported of an act: filled in while the act is done."""

    def __init__(self) -> None:
        self.count: int | None = None


@contextmanager
def telling(
    tell: TellAct, by: str, done: str, selection: Selection, why: str = "", address: str = ""
) -> Iterator[Told]:
    """Yield the object that takes the number of entries; report the act through *tell* at the end, also on failure."""
    told, is_done = Told(), False
    try:
        yield told
        is_done = True
    finally:
        count = "an unknown number of" if told.count is None else told.count
        tell(Act(by, f"{done}: {count} spooled entries; {describe(selection)}", why, address, is_done))
