"""The metrics of the audit trail."""

from gateway.telemetry.audit_metrics import AuditMetrics
from gateway.telemetry.registry import Registry


def test_results() -> None:
    """Each event is counted under one result."""
    registry = Registry()
    metrics = AuditMetrics(registry.counter("hilum_audit_events", "Audit events", "sink", "result"), "file")
    metrics.written(5, shortened=2, too_large=1)
    metrics.dropped()
    lines = registry.render().decode().splitlines()
    expected = {"written": 2.0, "shortened": 2.0, "too_large": 1.0, "dropped": 1.0, "failed": 0.0}
    for result, count in expected.items():
        assert f'hilum_audit_events_total{{result="{result}",sink="file"}} {count}' in lines
