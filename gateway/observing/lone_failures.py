"""Messages that fail while others pass: it is the message, not the destination."""

from dataclasses import dataclass

MOST = 1_000
"""Messages that are remembered; beyond them, the one that failed first is forgotten."""


@dataclass(slots=True)
class Lone:
    """One message that fails."""

    delivered_before: int
    """How many messages the destination had taken when it failed first."""
    since: float
    tries: int = 0


class LoneFailures:
    """The failing messages of one destination, by ID. The caller passes how many messages it has taken so far."""

    def __init__(self) -> None:
        self._failing: dict[str, Lone] = {}

    def __bool__(self) -> bool:
        """Whether any message fails."""
        return bool(self._failing)

    def failed(self, message_id: str, delivered: int, now: float) -> bool:
        """Count a failed try; return whether others were taken since it failed first."""
        lone = self._failing.get(message_id)
        if lone is None:
            if len(self._failing) >= MOST:
                del self._failing[next(iter(self._failing))]
            lone = self._failing[message_id] = Lone(delivered, now)
        lone.tries += 1
        return lone.delivered_before < delivered

    def passed(self, message_id: str) -> None:
        """Record that the message was taken, or is not tried any more."""
        self._failing.pop(message_id, None)

    def tries(self, delivered: int) -> dict[str, int]:
        """Return the number of tries of each message that fails while others pass."""
        return {name: each.tries for name, each in self._failing.items() if each.delivered_before < delivered}

    def passed_since(self, delivered: int) -> int:
        """Return how many messages were taken since the first of them failed first."""
        before = [each.delivered_before for each in self._failing.values()]
        return delivered - min(before) if before else 0

    def since(self, delivered: int) -> float | None:
        """Return when the first of them failed first."""
        return min((each.since for each in self._failing.values() if each.delivered_before < delivered), default=None)
