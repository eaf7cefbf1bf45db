"""Compares what the spool holds with the configured destinations: nobody delivers to any other."""

from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import dataclass, replace

from gateway.contract.errors import ConfigError
from gateway.spool import Moved, Operations, Selection, State, Total
from gateway.spool.operating.lookup import find_record

Destinations = Mapping[str, Set[str]]
"""By the destination's name: the protocols whose messages it takes."""
MEND = (
    "put {name} back into the configuration, or give its messages to another destination with"
    " `hilum spool move CONFIG --from {name} --to NAME`"
)


@dataclass(frozen=True, slots=True)
class Retried:
    """The result of a retry."""

    count: int
    left: tuple[str, ...] = ()
    """Destinations that are not configured: their entries are left as they are."""


def waiting_for_nobody(totals: Iterable[Total], known: Container[str]) -> dict[str, int]:
    """Return how many messages wait for each destination that is not *known*: it was renamed or removed."""
    return {
        each.destination: each.count
        for each in totals
        if each.state is State.WAITING and each.count and each.destination not in known
    }


def told(name: str, messages: int) -> str:
    """Return the text that says that messages wait for a destination that is not configured, and what to do."""
    return f"is not configured, so nobody delivers the messages that wait for it: {messages}; {MEND.format(name=name)}"


def not_retried(name: str) -> str:
    """Return the text that says that entries are not retried because their destination is not configured."""
    return f"destination: {name} is not configured, so nobody would deliver its messages; {MEND.format(name=name)}"


async def retry(operations: Operations, selection: Selection, known: Container[str]) -> Retried:
    """Retry what is selected, except entries of destinations that are not *known*.

    Raises ConfigError if such a destination, or an entry of one, was named.
    """
    await require_delivered(operations, selection, known)
    if selection.destination is not None or selection.entry_ids is not None:
        return Retried(await operations.retry(selection))
    retried, left = 0, []
    for name in dict.fromkeys(total.destination for total in await operations.totals() if total.count):
        meant = replace(selection, destination=name)
        if name in known:
            retried += await operations.retry(meant)
        elif (await operations.find(meant, limit=1)).records:
            left.append(name)
    return Retried(retried, tuple(left))


async def require_delivered(operations: Operations, selection: Selection, known: Container[str]) -> None:
    """Raise ConfigError where a destination that is not *known*, or an entry of one, is named."""
    for name in await _named(operations, selection):
        if name not in known:
            raise ConfigError(not_retried(name))


async def move(operations: Operations, selection: Selection, to: str, destinations: Destinations) -> Moved:
    """Give the entries of a destination to another one that is configured; raises ConfigError where there is none."""
    if to not in destinations:
        raise ConfigError(f"to: there is no destination {to!r} in the configuration; there is {_listed(destinations)}")
    held = {total.destination for total in await operations.totals() if total.count}
    if selection.destination not in held:
        raise ConfigError(f"from: nothing in the spool is for {selection.destination!r}; there is {_listed(held)}")
    for name in await _named(operations, replace(selection, destination=None)):
        if name != selection.destination:
            raise ConfigError(f"ids: an entry of {name!r} is among them; name those of {selection.destination!r} only")
    return await operations.move(selection, to, destinations[to])


async def _named(operations: Operations, selection: Selection) -> list[str]:
    """Return the destinations that are named, directly or by an entry's ID."""
    if selection.destination is not None:
        return [selection.destination]
    return sorted({(await find_record(operations, each)).destination for each in selection.entry_ids or ()})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
