"""When lines were lost last: a count alone never says that the loss is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Counts = Mapping[str, Callable[[], int]]
"""By what is lost (``log``, ``journal``), how many so far."""


@dataclass(slots=True)
class Losses:
    """Compares the counts at each look with those before."""

    counts: Counts = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)
    _lost_at: dict[str, float] = field(default_factory=dict)

    def look(self, now: float) -> tuple[dict[str, int], dict[str, float]]:
        """Return the counts, and by what is lost when a look found a greater count than the one before."""
        counts = {name: count() for name, count in self.counts.items()}
        for name, count in counts.items():
            if count > self._before.get(name, 0):
                self._lost_at[name] = now
        self._before = counts
        return counts, dict(self._lost_at)
