"""The metrics of listeners that fetch messages."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge

from gateway.contract.meter import Passed

PARTS = ("subscription", "store")


class Sources:
    """The families; *counter* and *gauge* make one of a name, a text and labels."""

    def __init__(self, counter: Callable[..., Counter], gauge: Callable[..., Gauge]) -> None:
        self.notifications = counter("hilum_source_notifications", "Notifications pulled", "listener")
        self.reconciles = counter(
            "hilum_source_reconciles", "Times that the store was listed without a notification", "listener"
        )
        self.messages = counter(
            "hilum_source_messages", "Messages fetched from a store that are done with", "listener", "result"
        )
        self.late = counter(
            "hilum_source_late", "Messages that the store showed only after newer ones were delivered", "listener"
        )
        self.refusals = counter(
            "hilum_source_refusals", "Tries to deliver a fetched message that were refused or failed", "listener"
        )
        self.failures = counter(
            "hilum_source_failures", "Failed requests to the subscription or the store", "listener", "part"
        )
        self.lag = gauge(
            "hilum_source_lag_seconds",
            "Age of the oldest message that is known to be in the store and is not done with",
            "listener",
        )

    def of(self, name: str) -> "SourceMetrics":
        """Return the metrics of the listener *name*."""
        return SourceMetrics(self, name)


class SourceMetrics:
    """The ``SourceMeter`` of one listener. Every label is present from the start, at 0."""

    def __init__(self, sources: Sources, name: str) -> None:
        self._notifications = sources.notifications.labels(name)
        self._reconciles = sources.reconciles.labels(name)
        self._messages = {result: sources.messages.labels(name, result.value) for result in Passed}
        self._late = sources.late.labels(name)
        self._refusals = sources.refusals.labels(name)
        self._failures = {part: sources.failures.labels(name, part) for part in PARTS}
        self._lag = sources.lag.labels(name)

    def notified(self, count: int) -> None:
        """Count *count* notifications."""
        self._notifications.inc(count)

    def reconciled(self) -> None:
        """Count a look at the store that no notification has asked for."""
        self._reconciles.inc()

    def passed(self, result: Passed) -> None:
        """Count a message that is done with."""
        self._messages[result].inc()

    def late(self) -> None:
        """Count a message that the store showed only after newer ones had been delivered."""
        self._late.inc()

    def refused(self) -> None:
        """Count a try to deliver a message that was refused or failed."""
        self._refusals.inc()

    def failed(self, part: str) -> None:
        """Count a request to the *part* that failed."""
        self._failures[part].inc()

    def lag(self, seconds: float) -> None:
        """Show the age of the oldest message that is known and not done with; 0 if there is none."""
        self._lag.set(seconds)
