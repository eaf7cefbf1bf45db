"""The metrics of a destination."""

from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.telemetry.destination_metrics import DestinationFamilies, DestinationMetrics
from gateway.telemetry.registry import Registry


def test_attempts() -> None:
    """Attempts are counted by outcome, and apart from deliveries that ended."""
    registry = Registry()
    metrics = DestinationMetrics(DestinationFamilies(registry), "store")
    for outcome in (Stored(), Refused("no"), Unavailable("down"), Unavailable("down")):
        metrics.attempted(outcome)
    metrics.delivered(Stored(), 0.02)
    lines = registry.render().decode().splitlines()
    expected = {"stored": 1.0, "refused": 1.0, "unavailable": 2.0}
    for outcome_name, count in expected.items():
        name = "hilum_delivery_attempts_total"
        assert f'{name}{{destination="store",outcome="{outcome_name}"}} {count}' in lines
    assert 'hilum_deliveries_total{destination="store",outcome="stored"} 1.0' in lines
