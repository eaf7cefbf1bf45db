"""The gauge of silent peers."""

from prometheus_client import CollectorRegistry, generate_latest

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.silence_metrics import SilenceMetrics
from gateway.telemetry.summing import add_up
from gateway.telemetry.supervisor import SupervisorMetrics


def test_states() -> None:
    """Each state has its number of peers, and the next numbers replace them."""
    registry = CollectorRegistry()
    metrics = SilenceMetrics(registry)
    metrics.show({"silent": 1, "usual": 3})
    metrics.show({"silent": 0, "usual": 4})
    text = generate_latest(registry).decode()
    assert 'hilum_silent_peers{state="silent"} 0.0' in text
    assert 'hilum_silent_peers{state="usual"} 4.0' in text


def test_one_process_judges() -> None:
    """Where the supervisor judges, the sum over all processes is what it shows: a worker shows no peer."""
    supervisor = SupervisorMetrics()
    supervisor.silence.show({"silent": 2})
    text = add_up([supervisor.render(), Metrics().render().decode(), Metrics().render().decode()])
    assert [line for line in text.splitlines() if line.startswith("hilum_silent_peers")] == [
        'hilum_silent_peers{state="silent"} 2.0'
    ]
