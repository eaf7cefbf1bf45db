"""The metrics of several workers as those of one gateway."""

from gateway.spool.interface import Space
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.summing import add_up, only_counters


def worker(messages: int, seconds: float) -> str:
    """Return what one worker's /metrics says."""
    metrics = Metrics()
    listener = metrics.listener("adt")
    listener.connected()
    for _ in range(messages):
        listener.received(10)
        listener.answered("AA", seconds)
    return metrics.render().decode()


def test_counters_gauges_and_histograms_are_added() -> None:
    """Each sample is the sum over the workers, and every family is there once."""
    lines = add_up([worker(2, 0.0008), worker(3, 0.02)]).splitlines()
    for expected in (
        'hilum_messages_received_total{listener="adt"} 5.0',
        'hilum_answers_total{answer="AA",listener="adt"} 5.0',
        'hilum_connections{listener="adt"} 2.0',
        'hilum_connections_total{listener="adt"} 2.0',
        'hilum_answer_seconds_bucket{le="0.001",listener="adt"} 2.0',
        'hilum_answer_seconds_bucket{le="+Inf",listener="adt"} 5.0',
        'hilum_answer_seconds_count{listener="adt"} 5.0',
    ):
        assert expected in lines
    assert 1 == lines.count("# TYPE hilum_connections_total counter")
    assert 1 == lines.count("# TYPE hilum_connections gauge")


def test_build_info_is_not_added() -> None:
    """Metrics that are not quantities are not added."""
    assert any(
        line.startswith("hilum_build_info{") and line.endswith("} 1.0")
        for line in add_up([worker(0, 0)] * 2).splitlines()
    )


def test_encryption_is_not_added() -> None:
    """Whether a listener speaks TLS, and until when its certificate is good, is the same in every worker."""
    metrics = Metrics()
    metrics.encrypted.labels("adt").set(1)
    for gauge in (metrics.certificate_expiry, metrics.certificate_expiry_old):
        gauge.labels("adt").set(1.8e9)
    lines = add_up([metrics.render().decode()] * 3).splitlines()
    assert 'hilum_listener_encrypted{listener="adt"} 1.0' in lines
    assert 'hilum_certificate_expiry_seconds{listener="adt"} 1800000000.0' in lines
    assert 'hilum_certificate_expiry_timestamp_seconds{listener="adt"} 1800000000.0' in lines


def test_what_is_wrong_for_one_worker() -> None:
    """A destination that one worker cannot reach is not available."""
    metrics = [Metrics(), Metrics(), Metrics()]
    for number, each in enumerate(metrics):
        each.destination("out").available(is_available=number != 1)
    assert 'hilum_destination_available{destination="out"} 0.0' in add_up(each.render().decode() for each in metrics)


def test_room_is_not_added() -> None:
    """All workers have one disk and know the limits of all."""
    metrics = Metrics()
    metrics.space(Space(500, 10, 100, 50, None), 2)
    lines = add_up([metrics.render().decode()] * 2).splitlines()
    assert "hilum_spool_free_bytes 500.0" in lines
    assert 'hilum_spool_limit_bytes{limit="max_bytes"} 100.0' in lines


def test_labels_survive() -> None:
    """A label with quotes and backslashes is written as it was read."""
    text = '# HELP a A\n# TYPE a gauge\na{b="c\\"d\\\\e\\nf"} 1.0\n'
    assert text == add_up([text])


def test_nobody_answers() -> None:
    """Without any text the sum is empty."""
    assert "" == add_up([]).strip()


def test_times_are_not_added() -> None:
    """The times at which workers made their counters are left out."""
    assert "_created" not in add_up([worker(1, 0.1)] * 2)


def test_only_counters() -> None:
    """Counters and histograms stay true when their process has ended, gauges do not."""
    lines = only_counters(worker(2, 0.0008)).splitlines()
    assert 'hilum_connections_total{listener="adt"} 1.0' in lines
    assert 'hilum_answer_seconds_count{listener="adt"} 2.0' in lines
    assert not any(line.startswith(("hilum_connections{", "hilum_build_info")) for line in lines)
