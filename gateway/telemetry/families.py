"""Fast counters and histograms for events that happen with every message: plain numbers without a lock.

The client library's own need a lock and five calls for each update, and a message has seven updates: a fifth of the
gateway's own work for it. Here only the event loop counts, and the library renders the numbers when `/metrics` is read.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class LocalCounter:
    """One number that only grows."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class LocalHistogram:
    """The values of one histogram; *bounds* are the upper ends of its buckets."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """Number of values in each bucket; the last bucket has no upper end."""
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count *value* in its bucket; a value equal to a bound is in the bucket that ends there."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


class CounterFamily(Collector):
    """A counter family, with one LocalCounter for each set of label values in use."""

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._members: dict[tuple[str, ...], LocalCounter] = {}

    def of(self, *values: str) -> LocalCounter:
        """Return the tally with these label values; from its first use it is shown, with the value 0."""
        return self._members.setdefault(values, LocalCounter())

    def collect(self) -> Iterator[Metric]:
        """Yield the family as it is now."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for values, tally in self._members.items():
            family.add_metric(values, tally.value)
        yield family


class HistogramFamily(Collector):
    """A histogram family, with one Spread for each set of label values in use."""

    def __init__(self, name: str, text: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name, self._text, self._labels, self._bounds = name, text, labels, bounds
        self._members: dict[tuple[str, ...], LocalHistogram] = {}

    def of(self, *values: str) -> LocalHistogram:
        """Return the spread with these label values."""
        return self._members.setdefault(values, LocalHistogram(self._bounds))

    def collect(self) -> Iterator[Metric]:
        """Yield the family as it is now."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        ends = [*(repr(float(bound)) for bound in self._bounds), "+Inf"]
        for values, spread in self._members.items():
            buckets = list(zip(ends, map(float, accumulate(spread.counts)), strict=True))
            family.add_metric(values, buckets, spread.total)
        yield family


class Reading(Collector):
    """A counter family of one number, which is read from another object by *read*."""

    def __init__(self, name: str, text: str, read: Callable[[], float]) -> None:
        self._name, self._text, self._read = name, text, read

    def collect(self) -> Iterator[Metric]:
        """Yield the family as it is now."""
        yield CounterMetricFamily(self._name, self._text, value=self._read())
