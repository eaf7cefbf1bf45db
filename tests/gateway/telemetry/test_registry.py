"""The registry that makes the metric families."""

import pytest

from gateway.telemetry.registry import Family, Registry


def test_each_family_is_listed_and_rendered() -> None:
    """A family is listed with the name that ``/metrics`` has."""
    registry = Registry()
    registry.counter("hilum_a", "A", "x").labels("1").inc()
    registry.tallies("hilum_b", "B", "x").of("1").value += 2
    registry.spreads("hilum_c", "C", "x").of("1").observe(0.02)
    registry.gauge("hilum_d", "D").set(4)
    names = ["hilum_a_total", "hilum_b_total", "hilum_c", "hilum_d"]
    assert names == [each.name for each in registry.families]
    assert ["counter", "counter", "histogram", "gauge"] == [each.kind for each in registry.families]
    lines = registry.render().decode().splitlines()
    samples = {'hilum_a_total{x="1"} 1.0', 'hilum_b_total{x="1"} 2.0', 'hilum_c_count{x="1"} 1.0', "hilum_d 4.0"}
    assert set() == samples - set(lines)


def test_a_gauge_and_a_counter_of_one_name() -> None:
    """A gauge may have the name of a counter without its ending, which one registry of the library does not allow."""
    registry = Registry()
    registry.gauge("hilum_e", "E", is_also_a_counter=True).set(5)
    registry.counter("hilum_e", "E").inc()
    assert {"hilum_e 5.0", "hilum_e_total 1.0"} <= set(registry.render().decode().splitlines())
    with pytest.raises(ValueError, match="hilum_e"):
        registry.gauge("hilum_e", "E")


def test_a_later_gauge() -> None:
    """A gauge that has no value at first is rendered once it has one."""
    registry, family = Registry(), Family("hilum_f", "gauge", "F")
    assert b"hilum_f" not in registry.render()
    registry.later_gauge(family).set(6)
    assert b"hilum_f 6.0" in registry.render()
