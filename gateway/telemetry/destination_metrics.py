"""The metrics of destinations: deliveries, attempts, availability."""

from gateway.contract.journal import Record, record_nothing
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.telemetry.registry import Registry

LABEL: dict[type[Outcome], str] = {Stored: "stored", Refused: "refused", Unavailable: "unavailable"}


class DestinationFamilies:
    """The metric families of all destinations."""

    def __init__(self, registry: Registry) -> None:
        self.deliveries = registry.tallies(
            "hilum_deliveries", "Deliveries that ended, by outcome", "destination", "outcome"
        )
        self.delivery_seconds = registry.spreads(
            "hilum_delivery_seconds", "Seconds that a delivery took", "destination"
        )
        self.attempts = registry.tallies(
            "hilum_delivery_attempts", "Attempts to deliver a message from the spool", "destination", "outcome"
        )
        self.available = registry.gauge(
            "hilum_destination_available",
            "1 if the destination accepts messages, 0 if it failed several times in a row",
            "destination",
        )
        self.damaged = registry.counter(
            "hilum_spool_damaged", "Messages in the spool that were damaged or could not be settled", "destination"
        )


class DestinationMetrics:
    """The metrics of one destination."""

    def __init__(self, families: DestinationFamilies, name: str) -> None:
        self._deliveries = {kind: families.deliveries.of(name, label) for kind, label in LABEL.items()}
        self._attempts = {kind: families.attempts.of(name, label) for kind, label in LABEL.items()}
        self._seconds = families.delivery_seconds.of(name)
        self._damaged = families.damaged.labels(name)
        self._available = families.available
        self._name = name
        self.recorded: Record = record_nothing
        """Takes what became of attempts of commit mode; the composition root sets it."""

    def available(self, *, is_available: bool) -> None:
        """Show whether the destination takes messages."""
        self._available.labels(self._name).set(is_available)

    def damaged(self) -> None:
        """Count a message in the spool that is damaged or cannot be settled."""
        self._damaged.inc()

    def attempted(self, outcome: Outcome) -> None:
        """Count one attempt to deliver a message from the spool."""
        self._attempts[type(outcome)].value += 1

    def delivered(self, outcome: Outcome, seconds: float) -> None:
        """Count a delivery that ended with *outcome* after *seconds*."""
        self._deliveries[type(outcome)].value += 1
        self._seconds.observe(seconds)
