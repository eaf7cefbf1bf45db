"""The fields of the log's events."""

from gateway.telemetry.events import EVENTS
from gateway.telemetry.fields import ALWAYS, FIELDS


def test_fields_are_explained() -> None:
    """Each field that an event names is explained, and none else is."""
    named = {name for event in EVENTS.values() for name in event.fields.split()}
    assert set(FIELDS) == named


def test_what_each_line_has() -> None:
    """No event lists a field that every line has, except `worker` in events about a worker."""
    assert {"worker"} == ALWAYS.keys() & FIELDS.keys()
