"""What waits and what is parked: by destination, and in it by state and reason, the parked ones first."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from gateway.screen.spool.selecting import address_of
from gateway.spool import State, Total


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """The entries of one destination in one state for one reason."""

    destination: str
    state: str
    reason: str
    count: int
    size: int
    oldest: float | None
    address: str
    """Of the page that lists them."""


@dataclass(slots=True)
class Held:
    """What is held for one destination."""

    destination: str
    is_configured: bool
    """If it is not, nobody delivers what waits for it."""
    parked: int = 0
    waiting: int = 0
    oldest: float | None = None
    rows: list[ReasonRow] = field(default_factory=list)


def overview(totals: Iterable[Total], destinations: Container[str]) -> list[Held]:
    """Return what is held, by destination: those first for which most is parked, then those with the oldest."""
    held: dict[str, Held] = {}
    for each in totals:
        if each.count and each.state in (State.PARKED, State.WAITING):
            found = held.setdefault(each.destination, Held(each.destination, each.destination in destinations))
            _add(found, each)
    for one in held.values():
        one.rows.sort(key=lambda row: (row.state != State.PARKED, -row.count, row.reason))
    return sorted(held.values(), key=lambda one: (-one.parked, one.oldest or 0.0, one.destination))


def _add(held: Held, total: Total) -> None:
    if total.state is State.PARKED:
        held.parked += total.count
    else:
        held.waiting += total.count
    if total.oldest is not None:
        held.oldest = total.oldest if held.oldest is None else min(held.oldest, total.oldest)
    address = address_of(destination=total.destination, state=total.state, reason_like=total.reason)
    row = ReasonRow(total.destination, total.state, total.reason or "", total.count, total.size, total.oldest, address)
    held.rows.append(row)
