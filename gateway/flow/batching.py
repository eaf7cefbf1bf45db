"""Combines the messages that were claimed for a destination into requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.spool.interface import Entry


@dataclass(frozen=True, slots=True)
class Batch:
    """How several messages are combined into one request to a BatchDestination."""

    most: int
    """Most messages in one request."""
    octets: int
    """Most octets of payload in one request; a larger message is sent alone."""
    wait: float
    """Seconds to wait for more messages when a request is not full."""


def groups(entries: Iterable[Entry], batch: Batch | None) -> Iterator[list[Entry]]:
    """Yield *entries*, in order, by the request that each is sent in; without a *batch* each is sent alone."""
    if batch is None:
        yield from ([entry] for entry in entries)
        return
    group: list[Entry] = []
    octets = 0
    for entry in entries:
        if entry.attempts:
            yield [entry]  # alone, so that a message that makes its request fail does not make others fail again
            continue
        full = len(group) == batch.most or octets + entry.size > batch.octets
        if group and (full or _is_among(entry, group)):
            yield group
            group, octets = [], 0
        group.append(entry)
        octets += entry.size
    if group:
        yield group


def _is_among(entry: Entry, group: list[Entry]) -> bool:
    """Whether *group* has a message with the same identifiers; it can come from another worker's spool."""
    identifiers = entry.message.identifiers
    return bool(identifiers) and any(identifiers == each.message.identifiers for each in group)
