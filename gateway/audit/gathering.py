"""Groups the instances of one study over one association into one event. The time is passed in."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from gateway.audit.message import Participant
from gateway.contract.message import Subject
from gateway.contract.outcome import Outcome

MOST_SECONDS = 60.0
"""Age at which a group is reported, even if instances still arrive."""
MOST_INSTANCES = 1000
"""Instances at which a group is reported at once; this limits the memory and the size of the event."""
MOST_GROUPS = 1000
"""Groups open at once; if there is one more, the oldest is reported."""
MOST_GATHERED = 50_000
"""Instances in all groups, about 16 MiB; if there is one more, the oldest group is reported."""


@dataclass(slots=True)
class Group:
    """Instances that share all other data of an event."""

    source: Participant
    destination: Participant
    subject: Subject
    outcome: Outcome
    began: float
    latest: float
    instances: list[tuple[str, str]] = field(default_factory=list)


class Gathering:
    """The open groups. A group is due when nothing was added for *quiet* seconds, or it is too old, or it is full."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._groups: dict[Hashable, Group] = {}
        self._gathered = 0

    def add(self, association: str, group: Group, instance: tuple[str, str]) -> list[Group]:
        """Add *instance* (SOP class, SOP instance) to its group, or to the new *group*; return groups that are due."""
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
        """Return when the next group is due; None if there is no group."""
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
