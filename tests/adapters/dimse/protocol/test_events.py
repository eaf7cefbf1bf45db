"""The events are complete."""

from typing import get_args

from adapters.dimse.protocol.events import EVENTS, AbortReason, Event


def test_every_event_is_listed() -> None:
    """The tuple that tables are built from has every type of the union."""
    assert set(get_args(Event)) == set(EVENTS)


def test_reasons_are_the_standards() -> None:
    """PS3.8 table 9-26."""
    assert [0, 1, 2, 6] == [reason.value for reason in AbortReason]
