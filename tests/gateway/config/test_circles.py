"""Routes that lead back to where the message came from."""

from typing import Any

import pytest

from gateway.config.circles import circles
from gateway.config.problems import contradictions

STORE = "https://healthcare.googleapis.com/v1/projects/p/locations/l/datasets/d/fhirStores/s"
LISTENERS: dict[str, Any] = {"changes": {"kind": "pubsub_fhir", "store": f"{STORE}/"}, "adt": {"kind": "mllp"}, "x": 1}
DESTINATIONS: dict[str, Any] = {
    "same": {"kind": "fhir_store", "url": f"{STORE}/fhir/"},
    "other": {"kind": "fhir_store", "url": f"{STORE}2/fhir"},
    "x": 1,
}
ROUTES: dict[str, tuple[object, int]] = {
    "back": ({"from": "changes", "to": "same"}, 1),
    "back, among others": ({"from": "changes", "to": ["other", "same"]}, 1),
    "elsewhere": ({"from": "changes", "to": "other"}, 0),
    "from elsewhere": ({"from": "adt", "to": "same"}, 0),
    "wrong names": ({"from": "none", "to": "none"}, 0),
    "wrong forms": ({"from": ["x"], "to": {"x": 1}}, 0),
    "no route": ("changes", 0),
    "settings that are none": ({"from": "x", "to": "x"}, 0),
}


@pytest.mark.parametrize(("route", "count"), ROUTES.values(), ids=ROUTES)
def test_circles(route: object, count: int) -> None:
    """A route back into the store that tells of each change would change it again."""
    found = list(circles([route], LISTENERS, DESTINATIONS))
    assert count == len(found)
    assert all(each.startswith("routes[0].to: 'same' is the store that listeners.changes reads from") for each in found)


def test_checked() -> None:
    """The check of a configuration includes it."""
    raw = {"listeners": LISTENERS, "destinations": DESTINATIONS, "routes": [ROUTES["back"][0]]}
    assert any("so each change would be written there once more" in each for each in contradictions(raw))
