"""The metrics of listeners that fetch."""

from gateway.contract.meter import Passed
from gateway.telemetry.metrics import Metrics


def test_counts() -> None:
    """Each count is shown with its listener."""
    metrics = Metrics()
    meter = metrics.sources.of("from-cloud")
    meter.notified(3)
    meter.reconciled()
    meter.passed(Passed.DELIVERED)
    meter.late()
    meter.refused()
    meter.failed("store")
    meter.lag(1.5)
    lines = metrics.render().decode().splitlines()
    assert {
        'hilum_source_notifications_total{listener="from-cloud"} 3.0',
        'hilum_source_reconciles_total{listener="from-cloud"} 1.0',
        'hilum_source_messages_total{listener="from-cloud",result="delivered"} 1.0',
        'hilum_source_messages_total{listener="from-cloud",result="unrouted"} 0.0',
        'hilum_source_late_total{listener="from-cloud"} 1.0',
        'hilum_source_refusals_total{listener="from-cloud"} 1.0',
        'hilum_source_failures_total{listener="from-cloud",part="store"} 1.0',
        'hilum_source_lag_seconds{listener="from-cloud"} 1.5',
    } <= set(lines)
