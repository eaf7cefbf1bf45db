"""The fields of the log's events."""

from gateway.telemetry.events import EVENTS
from gateway.telemetry.fields import ALWAYS, FIELDS


def test_fields_are_explained() -> None:
    """Each field that an event names is explained, and none else is."""
    named = {name for event in EVENTS.values() for name in event.fields.split()}
    assert set(FIELDS) == named


def test_what_each_line_has() -> None:
    """What stands in each line is not among the fields of an event, but for the number of a worker it is about."""
    assert {"worker"} == ALWAYS.keys() & FIELDS.keys()
