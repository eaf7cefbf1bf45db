"""The supervisor's own metrics."""

from gateway.telemetry.supervisor import DIED, SupervisorMetrics


def test_restarts() -> None:
    """Each reason is there from the start, and counted."""
    metrics = SupervisorMetrics()
    metrics.restarts(DIED)
    lines = metrics.render().splitlines()
    for expected in (
        'hilum_worker_restarts_total{reason="died"} 1.0',
        'hilum_worker_restarts_total{reason="hung"} 0.0',
        'hilum_worker_restarts_total{reason="not_started"} 0.0',
        "hilum_log_lines_dropped_total 0.0",
    ):
        assert expected in lines
