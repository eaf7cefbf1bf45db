"""What it means for senders that a destination fails."""

from typing import Any

import pytest

from gateway.causes.effects import afterwards, effect_on_senders, room_for
from gateway.causes.site import ListenerSite, Site
from tests.gateway.causes.observations import NOW, SITE, destination, observed, peer

BOTH = Site(
    listeners={
        "a": ListenerSite("mllp", "commit", "", frozenset({"store"})),
        "b": ListenerSite("mllp", "relay", "", frozenset({"store"})),
    }
)


def test_both_modes() -> None:
    """Senders of both modes are told apart."""
    peers = [peer("HIS", "a"), peer("LAB", "b"), peer("OLD", "b", last_message=NOW - 100_000), peer("CT", "c")]
    seen = observed(destinations={"store": destination(waiting=1, oldest=NOW - 5)}, peers=peers)
    assert effect_on_senders("store", seen, BOTH) == (
        "1 message waits here, safe. HIS is told success. LAB is told failure and may send again; nothing waits here."
    )
    assert afterwards("store", BOTH) == "Hilum delivers by itself when it works again."


def test_before_anything_waits() -> None:
    """Nothing waits yet, and no sender is known."""
    seen = observed(destinations={"image-store": destination()})
    assert effect_on_senders("image-store", seen, SITE) == "What comes waits here, safe. Senders are told success."
    assert afterwards("hl7-store", SITE) == "Senders are told success again as soon as it works."


def test_without_a_route() -> None:
    """A destination that no listener sends to has no effect on any sender."""
    seen = observed(destinations={"other": destination()})
    assert effect_on_senders("other", seen, SITE) == ""


@pytest.mark.parametrize(
    ("space", "since", "room"),
    [
        ({"free": 1000.0, "min_free": 100.0, "used": 10.0, "limit": 0.0}, 400.0, "10 h"),
        ({"free": 1000.0, "min_free": 100.0, "used": 10.0, "limit": 20.0}, 400.0, "7 min"),
        ({"free": 50.0, "min_free": 100.0, "used": 10.0}, 400.0, "0 s"),
        ({"free": 1e9, "min_free": 100.0, "used": 10.0}, 400.0, ""),
        ({"free": 1000.0, "min_free": 100.0, "used": 10.0}, 30.0, ""),
        ({"free": 1000.0, "min_free": 100.0, "used": 0.0}, 400.0, ""),
        (None, 400.0, ""),
    ],
)
def test_room(space: dict[str, float] | None, since: float, room: str) -> None:
    """The room is told by how fast the spool fills up, once that can be said."""
    parts: dict[str, Any] = {"space": space}
    assert room_for(observed(**parts), NOW - since) == room
    assert room_for(observed(**parts), None) == ""
