"""The metrics of a listener."""

from gateway.contract.meter import Pause, Rejection
from gateway.telemetry.listener_metrics import ListenerFamilies, ListenerMetrics
from gateway.telemetry.registry import Registry


def test_reasons_are_there_from_the_start() -> None:
    """Each reason of a rejection or a pause is rendered with 0, so that a rule about it has a value."""
    registry = Registry()
    ListenerMetrics(ListenerFamilies(registry), "adt")
    lines = set(registry.render().decode().splitlines())
    for name, reasons in (("hilum_rejections_total", Rejection), ("hilum_pauses_total", Pause)):
        assert set() == {f'{name}{{listener="adt",reason="{each.value}"}} 0.0' for each in reasons} - lines


def test_committed() -> None:
    """The time of a commit is counted for its listener."""
    registry = Registry()
    ListenerMetrics(ListenerFamilies(registry), "adt").committed(0.02)
    assert 'hilum_spool_commit_seconds_sum{listener="adt"} 0.02' in registry.render().decode().splitlines()
