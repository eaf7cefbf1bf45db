"""How much is acknowledged and not yet in the stores, counted while it happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.campaign.history import Arrival, Send
from tests.campaign.plan import is_poison
from tests.campaign.promises import PROMISES, Promise

Wanted = tuple[str, str, str]
"""Store, name, digest."""


@dataclass(slots=True)
class Pending:
    """Listens to a history."""

    promises: Mapping[str, Promise] = field(default_factory=lambda: PROMISES)
    waiting: dict[Wanted, float] = field(default_factory=dict)
    """What a store should get, and when that was acknowledged."""
    poisoned: dict[Wanted, float] = field(default_factory=dict)
    """The same, of what the stores do not take before the end."""
    progress: int = 0
    """Counts what arrived and was waited for."""
    _last_arrival: dict[Wanted, float] = field(default_factory=dict)
    _last_content: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, event: Send | Arrival) -> None:
        """Take note of *event*."""
        if isinstance(event, Send):
            self._acknowledged(event)
        else:
            self._arrived(event)

    def _acknowledged(self, send: Send) -> None:
        for store in self.promises[send.entrance].stores:
            repeated = self._last_content.get((store, send.name)) == send.digest
            self._last_content[store, send.name] = send.digest
            wanted = store, send.name, send.digest
            if not repeated and self._last_arrival.get(wanted, -1.0) < send.begun:
                self._of(send.name)[wanted] = send.at

    def _arrived(self, arrival: Arrival) -> None:
        wanted = arrival.store, arrival.name, arrival.digest
        self._last_arrival[wanted] = arrival.at
        self.progress += self._of(arrival.name).pop(wanted, None) is not None

    def _of(self, name: str) -> dict[Wanted, float]:
        return self.poisoned if is_poison(name) else self.waiting
