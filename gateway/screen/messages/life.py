"""The life of one message: its answers and its deliveries in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from gateway.contract.journal import Row

RECEIVED, DELIVERY = "answer", "delivery"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the message."""

    row: Row
    what: str
    """``answer`` to its sender, or ``delivery`` of commit mode."""
    after: float | None
    """Seconds since the step before it; None for the first one."""


@dataclass(frozen=True, slots=True)
class Life:
    """One message."""

    message_id: str
    first: Row
    """The row that tells most of where it came from."""
    steps: tuple[Step, ...]

    @property
    def ended(self) -> Row:
        """What became of it, as far as it is known."""
        return self.steps[-1].row


def life_of(message_id: str, rows: Iterable[Row]) -> Life | None:
    """Return the life of the message with this ID, or None if no row is about it."""
    own = sorted((row for row in rows if row.message_id == message_id), key=lambda row: row.at)
    if not own:
        return None
    times: list[float | None] = [None, *(after.at - before.at for before, after in pairwise(own))]
    steps = tuple(
        Step(row, RECEIVED if row.listener else DELIVERY, after) for row, after in zip(own, times, strict=True)
    )
    return Life(message_id, next((row for row in own if row.listener), own[0]), steps)
