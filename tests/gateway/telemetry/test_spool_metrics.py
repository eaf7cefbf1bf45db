"""The metrics of the spool."""

from gateway.spool.interface import Space, State, Total
from gateway.telemetry.registry import Registry
from gateway.telemetry.spool_metrics import SpoolMetrics


def test_what_is_gone_is_not_shown() -> None:
    """Each call replaces what was shown before; an age is never negative, whatever the clock does."""
    registry = Registry()
    metrics = SpoolMetrics(registry)
    metrics.show([Total("gone", State.WAITING, 9, 9, 0.0)], 100.0, undelivered={"gone": 9})
    metrics.show([Total("out", State.PARKED, 2, 30, 101.0)], 100.0)
    lines = registry.render().decode().splitlines()
    labels = '{destination="out",state="parked"}'
    expected = {f"hilum_spool_messages{labels} 2.0", f"hilum_spool_bytes{labels} 30.0"}
    assert {*expected, f"hilum_spool_oldest_seconds{labels} 0.0"} <= set(lines)
    assert [] == [line for line in lines if "gone" in line]


def test_space() -> None:
    """The limits are those of all workers together; the free space is that of the disk."""
    registry = Registry()
    metrics = SpoolMetrics(registry)
    assert b"hilum_spool_free_bytes" not in registry.render()
    space = Space(free=70, held=1, min_free_bytes=20, max_bytes=300, limit=None)
    metrics.show_space(space, workers=2)
    expected = {
        "hilum_spool_free_bytes 70.0",
        'hilum_spool_limit_bytes{limit="min_free_bytes"} 20.0',
        'hilum_spool_limit_bytes{limit="max_bytes"} 600.0',
    }
    assert expected <= set(registry.render().decode().splitlines())
