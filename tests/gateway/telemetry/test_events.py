"""The table of events is what the code logs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest

from gateway.telemetry.events import EVENTS, SECTIONS
from tests.log_calls import Call, log_calls

BY_EVENT: Mapping[str, Sequence[Call]] = defaultdict(list)
for each in log_calls():
    BY_EVENT[each.event].append(each)  # type: ignore[attr-defined]


def test_each_event_is_in_the_table() -> None:
    """What the code logs is listed: add it to gateway/telemetry/events.py and run `make docs`."""
    assert [] == [(name, call.place) for name, calls in BY_EVENT.items() for call in calls if name not in EVENTS]


def test_each_row_is_logged() -> None:
    """What is listed is logged: remove what no code logs any more from gateway/telemetry/events.py."""
    assert [] == [name for name in EVENTS if name not in BY_EVENT]


def test_no_event_is_listed_twice() -> None:
    """Each event is in one section."""
    assert len(EVENTS) == sum(map(len, SECTIONS.values()))


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_fields(name: str) -> None:
    """A row has each field that the code writes, and no other than those that a logger or a mapping may bring."""
    calls, listed = BY_EVENT[name], set(EVENTS[name].fields.split())
    written = {field for call in calls for field in call.fields}
    assert [] == [(call.place, field) for call in calls for field in call.fields if field not in listed]
    if not any(call.is_open for call in calls):
        assert listed <= written.union(*(call.bound for call in calls))


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_levels(name: str) -> None:
    """A row has the levels at which the code writes."""
    levels = set(EVENTS[name].levels.split())
    written = {call.level for call in BY_EVENT[name]}
    assert written <= levels if name == "library_warned" else written == levels
