"""The metrics of the contract."""

import re

from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.spool.interface import Space, State, Total
from gateway.telemetry.metrics import Metrics

CONTRACT = """
hilum_messages_received_total{listener="adt"} 1.0
hilum_received_bytes_total{listener="adt"} 120.0
hilum_answers_total{answer="AA",listener="adt"} 1.0
hilum_answer_seconds_count{listener="adt"} 1.0
hilum_deliveries_total{destination="store",outcome="stored"} 1.0
hilum_deliveries_total{destination="store",outcome="refused"} 1.0
hilum_deliveries_total{destination="store",outcome="unavailable"} 1.0
hilum_delivery_seconds_count{destination="store"} 3.0
hilum_connections{listener="adt"} 0.0
hilum_connections_total{listener="adt"} 1.0
hilum_rejections_total{listener="adt",reason="no_header"} 1.0
hilum_rejections_total{listener="adt",reason="too_large"} 0.0
hilum_skipped_bytes_total{listener="adt"} 3.0
hilum_log_lines_dropped_total 0.0
hilum_pauses_total{listener="adt",reason="memory"} 1.0
hilum_pauses_total{listener="adt",reason="rate"} 0.0
hilum_in_flight_bytes 77.0
hilum_spools_set_aside 2.0
hilum_spool_undelivered_messages{destination="gone"} 3.0
hilum_spool_damaged_total{destination="store"} 1.0
hilum_task_restarts_total{task="housekeeping"} 1.0
"""


def test_names_and_labels() -> None:
    """Every metric of the contract has its name, its labels and the right value."""
    metrics = Metrics()
    listener, destination = metrics.listener("adt"), metrics.destination("store")
    listener.connected()
    listener.received(120)
    listener.answered("AA", 0.002)
    listener.rejected(Rejection.NO_HEADER)
    listener.skipped(3)
    listener.paused(Pause.MEMORY)
    metrics.in_flight(lambda: 77)
    metrics.spool([], 0.0, set_aside=2, undelivered={"gone": 3})
    metrics.task_restarts.labels("housekeeping").inc()
    destination.damaged()
    listener.disconnected()
    for outcome in (Stored(), Refused("bad"), Unavailable("down")):
        destination.delivered(outcome, 0.01)
    rendered = metrics.render().decode().splitlines()
    assert [] == [line for line in CONTRACT.split("\n") if line and line not in rendered]
    assert any(line.startswith("hilum_build_info{version=") for line in rendered)


def test_two_gateways_do_not_share() -> None:
    """Metrics are not global: a second set in the same process starts at nothing."""
    first, second = Metrics(), Metrics()
    first.listener("adt").connected()
    assert b'hilum_connections_total{listener="adt"}' not in second.render()


def test_families_are_all() -> None:
    """Every sample belongs to a family in docs/reference/metrics.md, with its type and labels."""
    metrics = Metrics()
    metrics.listener("adt")
    metrics.destination("out").available(is_available=True)
    metrics.audit("file")
    metrics.in_flight(lambda: 0.0)
    metrics.space(Space(1, 1, 1, 1, None))
    metrics.spool([Total("out", State.WAITING, 1, 1, 0.0)], 0.0, undelivered={"gone": 1})
    listed = {(each.name, each.kind) for each in metrics.families}
    shown = set(re.findall(r"^# TYPE (hilum_\S+) (\w+)$", metrics.render().decode(), re.MULTILINE))
    assert set() == {each for each in shown if not each[0].endswith("_created")} - listed
    assert {"hilum_spool_free_bytes", "hilum_in_flight_bytes"} <= {name for name, _ in shown}
    labels = {each.name: set(each.labels) for each in metrics.families if each.kind != "histogram"}
    for name, inside in re.findall(r"^(hilum_\w+){(.*)} \S+$", metrics.render().decode(), re.MULTILINE):
        if name in labels:
            assert labels[name] == set(re.findall(r'(\w+)="', inside))
