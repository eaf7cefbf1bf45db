"""The notifications that were pulled and are not acknowledged, and when their deadlines have to be extended.

A notification is held until its message is passed on. It is never given back (a deadline of 0, NACK): with a dead
letter policy each return and each expired deadline counts as an attempt, and after some attempts Pub/Sub takes it away.
"""

from collections.abc import Collection, Iterable

from adapters.events.pubsub.pull_reply import Notification

EXTENDED_SECONDS = 60
"""For how long a deadline is extended at a time."""
MOST = 5000
"""Most notifications that are held; more are not pulled."""
PART = 3
"""A deadline is extended when a third of it has passed, so that a try that fails leaves time for others."""


class Leases:
    """The notifications of one subscription."""

    def __init__(self, ack_seconds: float = 10, most: int = MOST) -> None:
        self.ack_seconds = ack_seconds
        self._most = most
        self._held: dict[str, dict[str, str]] = {}
        """The ack IDs of each name, with the versions that the notifications are about."""
        self._extend_at: dict[str, float] = {}
        """When the deadline of each ack ID has to be extended."""
        self.settled: list[str] = []
        """Ack IDs to acknowledge."""

    @property
    def room(self) -> int:
        """How many more may be pulled."""
        return max(0, self._most - len(self._extend_at) - len(self.settled))

    def hold(self, notification: Notification, now: float) -> None:
        """Hold a notification that was pulled just now."""
        self._held.setdefault(notification.name, {})[notification.ack_id] = notification.version
        self._extend_at[notification.ack_id] = now + self.ack_seconds / PART

    def settle(self, names: Iterable[str]) -> None:
        """Have the notifications of these names acknowledged."""
        for name in names:
            self.settle_some(name, self.held(name))

    def held(self, name: str) -> tuple[str, ...]:
        """Return the ack IDs of the notifications about a name that are held now."""
        return tuple(self._held.get(name, ()))

    def versions(self, name: str) -> set[str]:
        """Return the versions that the notifications about a name are about that are held now."""
        return {*self._held.get(name, {}).values()}

    def settle_some(self, name: str, ack_ids: Collection[str]) -> None:
        """Have these notifications about a name acknowledged, and no others about it."""
        held = self._held.pop(name, {})
        if others := {each: version for each, version in held.items() if each not in ack_ids}:
            self._held[name] = others
        for ack_id in held:
            if ack_id in ack_ids:
                self._extend_at.pop(ack_id, None)
                self.settled.append(ack_id)

    def drop(self, ack_ids: Collection[str]) -> None:
        """Hold these no longer, without an acknowledgement: their notifications come again with other ack IDs."""
        dropped = set(ack_ids)
        for ack_id in dropped:
            self._extend_at.pop(ack_id, None)
        for name, held in list(self._held.items()):
            for ack_id in dropped.intersection(held):
                del held[ack_id]
            if not held:
                del self._held[name]

    def due(self, now: float) -> list[str]:
        """Return the ack IDs whose deadlines have to be extended now."""
        return [ack_id for ack_id, at in self._extend_at.items() if at <= now]

    def extended(self, ack_ids: Iterable[str], now: float) -> None:
        """Record that deadlines were extended."""
        for ack_id in ack_ids:
            if ack_id in self._extend_at:
                self._extend_at[ack_id] = now + EXTENDED_SECONDS / PART

    def next_due(self) -> float | None:
        """Return when a deadline has to be extended next."""
        return min(self._extend_at.values(), default=None)

    def acknowledged(self, count: int) -> None:
        """Record that the first *count* of ``settled`` are acknowledged, or cannot be."""
        del self.settled[:count]
