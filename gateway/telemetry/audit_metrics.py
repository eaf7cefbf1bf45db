"""The metrics of the audit trail."""

from prometheus_client import Counter


class AuditMetrics:
    """The metrics of one sink of the audit trail."""

    def __init__(self, events: Counter, sink: str) -> None:
        self._written, self._shortened, self._dropped, self._too_large, self._failed = (
            events.labels(sink, result) for result in ("written", "shortened", "dropped", "too_large", "failed")
        )

    def written(self, count: int, shortened: int, too_large: int) -> None:
        """Count *count* events: *shortened* of them were sent with texts cut, *too_large* of them could not be sent."""
        self._written.inc(count - shortened - too_large)
        self._shortened.inc(shortened)
        self._too_large.inc(too_large)

    def dropped(self) -> None:
        """Count an event that was dropped before it reached the sink."""
        self._dropped.inc()

    def failed(self) -> None:
        """Count a failed attempt to write; its events are kept and written again."""
        self._failed.inc()
