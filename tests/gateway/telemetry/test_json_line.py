"""Log lines as JSON: the same as structlog's own renderer makes."""

import json
from enum import StrEnum

import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.json_line import JsonLine

NOON = 1_767_355_200.000_001


class Word(StrEnum):
    """A string type of its own."""

    ONE = "one"


VALUES = st.recursive(
    st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False), st.just(Word.ONE)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


@given(st.dictionaries(st.text().filter(lambda name: name not in {"level", "time"}), VALUES, max_size=5))
def test_as_structlog(event: dict[str, object]) -> None:
    """Any fields are written as structlog's renderer writes them, in their order, with level and time behind them."""
    expected = structlog.processors.JSONRenderer(sort_keys=False)(
        None, "info", {**event, "event": "x", "level": "info", "time": "2026-01-02T12:00:00.000001Z"}
    )
    assert expected == JsonLine({}, lambda: NOON)(None, "info", {**event, "event": "x"})


def test_other_objects() -> None:
    """What JSON does not know is written as its representation."""
    line = JsonLine({}, lambda: NOON)(None, "info", {"path": {1, 2}})
    assert "{1, 2}" == json.loads(line)["path"]


def test_level() -> None:
    """The level of a method with a name of its own is that which people know."""
    line = JsonLine({}, lambda: NOON)
    levels = [json.loads(line(None, method, {}))["level"] for method in ("info", "warn", "exception", "critical")]
    assert ["info", "warning", "error", "critical"] == levels


def test_time() -> None:
    """The time has microseconds and the zone, in the next second as well."""
    instants = iter([0.999_999, 1.0, 1.5, 86_400.25])
    line = JsonLine({}, lambda: next(instants))
    times = [json.loads(line(None, "info", {}))["time"] for _ in range(4)]
    assert times == [
        "1970-01-01T00:00:00.999999Z",
        "1970-01-01T00:00:01.000000Z",
        "1970-01-01T00:00:01.500000Z",
        "1970-01-02T00:00:00.250000Z",
    ]


def test_common_fields() -> None:
    """What each line of the process has is added, unless the event has it."""
    line = JsonLine({"worker": 2}, lambda: NOON)
    assert [2, 1] == [json.loads(line(None, "info", event))["worker"] for event in ({}, {"worker": 1})]
