"""Makes one event of the instances of one study over one association. Time is passed in."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from gateway.audit.message import Participant
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome

MOST_SECONDS = 60.0
"""A group that never falls quiet is reported so often."""
MOST_INSTANCES = 1000
"""A group of so many is reported at once; it bounds the memory and the size of the event."""
MOST_GROUPS = 1000
"""Groups open at once; one more makes the oldest be reported."""
MOST_GATHERED = 50_000
"""Instances in all groups, about 16 MiB; one more makes the oldest group be reported."""


@dataclass(slots=True)
class Group:
    """Instances that have everything in common that an event tells."""

    source: Participant
    destination: Participant
    subject: Subject
    outcome: Outcome
    began: float
    latest: float
    instances: list[tuple[str, str]] = field(default_factory=list)


class Gathering:
    """The open groups. A group is due when it was quiet for *quiet* seconds, is too old or is full."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._groups: dict[Hashable, Group] = {}
        self._gathered = 0

    def add(self, association: str, group: Group, instance: tuple[str, str]) -> list[Group]:
        """Put *instance* (SOP class, SOP instance) where it belongs, or begin *group*; return what is due by that."""
        reason = getattr(group.outcome, "reason", None)
        key = (association, group.source, group.destination, group.subject, type(group.outcome), reason)
        found = self._groups.setdefault(key, group)
        found.latest = group.latest
        found.instances.append(instance)
        self._gathered += 1
        if len(found.instances) >= MOST_INSTANCES or not self._quiet:
            return [self._take(key)]
        if len(self._groups) > MOST_GROUPS or self._gathered > MOST_GATHERED:
            return [self._take(next(iter(self._groups)))]
        return []

    def due(self, now: float) -> list[Group]:
        """Take and return the groups that are due at *now*."""
        keys = [key for key, group in self._groups.items() if now >= self._deadline(group)]
        return [self._take(key) for key in keys]

    def next_due(self) -> float | None:
        """Return when the next group is due, None where there is none."""
        return min(map(self._deadline, self._groups.values()), default=None)

    def take_all(self) -> list[Group]:
        """Take and return all groups, due or not."""
        return [self._take(key) for key in tuple(self._groups)]

    def _take(self, key: Hashable) -> Group:
        group = self._groups.pop(key)
        self._gathered -= len(group.instances)
        return group

    def _deadline(self, group: Group) -> float:
        return min(group.latest + self._quiet, group.began + MOST_SECONDS)
