"""Plain numbers are rendered as the client library renders its own metrics."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from gateway.telemetry.families import CounterFamily, HistogramFamily, Reading

BOUNDS = (0.001, 0.5, 1, 30)


def rendered(registry: CollectorRegistry) -> list[str]:
    """Return the text format without the times at which the library's own metrics were made."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


def test_counter() -> None:
    """A family of tallies looks like the library's counter, also where nothing was counted."""
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    counter, tallies = (
        Counter("seen", "Things seen", ["place"], registry=theirs),
        CounterFamily("seen", "Things seen", ["place"]),
    )
    ours.register(tallies)
    counter.labels('a "b"').inc(3)
    tallies.of('a "b"').value += 3
    counter.labels("never")
    tallies.of("never")
    assert rendered(theirs) == rendered(ours)


@pytest.mark.parametrize("value", [0, 0.001, 0.0011, 0.5, 1, 29, 30, 31])
def test_histogram(value: float) -> None:
    """A family of spreads looks like the library's histogram, at a bound and off it."""
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    histogram = Histogram("took", "Seconds", ["place"], registry=theirs, buckets=BOUNDS)
    spreads = HistogramFamily("took", "Seconds", ["place"], BOUNDS)
    ours.register(spreads)
    for each in (value, 0.2):
        histogram.labels("here").observe(each)
        spreads.of("here").observe(each)
    assert rendered(theirs) == rendered(ours)


def test_one_member_for_one_set_of_labels() -> None:
    """The same labels give the same tally."""
    tallies, spreads = CounterFamily("a", "A", ["x"]), HistogramFamily("b", "B", ["x"], BOUNDS)
    assert tallies.of("1") is tallies.of("1")
    assert spreads.of("1") is spreads.of("1")


def test_number_that_another_part_keeps() -> None:
    """A Reading calls its function when the metrics are rendered."""
    registry, kept = CollectorRegistry(), [1.0]
    registry.register(Reading("lost", "Lines", lambda: kept[0]))
    kept[0] = 7.0
    assert "lost_total 7.0" in rendered(registry)
