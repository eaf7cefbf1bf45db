"""The metrics of the spool: what is in it, and how much room it has."""

from collections.abc import Iterable, Mapping

from prometheus_client import Gauge

from gateway.spool.interface import Space, Total
from gateway.telemetry.registry import Family, Registry

IN_SPOOL = ("destination", "state")
FREE_BYTES = Family("hilum_spool_free_bytes", "gauge", "Free octets on the disk of the spool")


class SpoolMetrics:
    """The gauges of the spool; they have no samples if no listener commits."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._messages = registry.gauge("hilum_spool_messages", "Messages in the spool", *IN_SPOOL)
        self._bytes = registry.gauge("hilum_spool_bytes", "Octets of payload in the spool", *IN_SPOOL)
        self._oldest = registry.gauge("hilum_spool_oldest_seconds", "Age of the oldest message in the spool", *IN_SPOOL)
        self._free: Gauge | None = None
        registry.families.append(FREE_BYTES)
        self._limits = registry.gauge(
            "hilum_spool_limit_bytes",
            "Limits: octets that must stay free on the disk (min_free_bytes), most undelivered octets (max_bytes)",
            "limit",
        )
        self._set_aside = registry.gauge("hilum_spools_set_aside", "Damaged spools, not used until they are repaired")
        self._undelivered = registry.gauge(
            "hilum_spool_undelivered_messages",
            "Messages that are not delivered because their destination is not configured",
            "destination",
        )

    def show(
        self, totals: Iterable[Total], now: float, set_aside: int = 0, undelivered: Mapping[str, int] | None = None
    ) -> None:
        """Set the gauges of the spool: totals, damaged spools, undelivered messages; *now* is in epoch seconds."""
        self._set_aside.set(set_aside)
        for gauge in (self._messages, self._bytes, self._oldest, self._undelivered):
            gauge.clear()
        for name, count in (undelivered or {}).items():
            self._undelivered.labels(name).set(count)
        for total in totals:
            labels = total.destination, total.state.value
            self._messages.labels(*labels).set(total.count)
            self._bytes.labels(*labels).set(total.size)
            self._oldest.labels(*labels).set(0 if total.oldest is None else max(0.0, now - total.oldest))

    def show_space(self, space: Space, workers: int = 1) -> None:
        """Set the gauges of free space and of the spool's limits. They have no samples if no listener commits.

        Each of the *workers* may hold ``max_bytes``, so the limit shown is that of all workers together.
        """
        if self._free is None:
            self._free = self._registry.later_gauge(FREE_BYTES)
        self._free.set(space.free)
        self._limits.labels("min_free_bytes").set(space.min_free_bytes)
        self._limits.labels("max_bytes").set(space.max_bytes * workers)
