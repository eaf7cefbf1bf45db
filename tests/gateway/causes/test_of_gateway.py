"""Cases on our side: room, parked messages, damaged spools, certificates, workers, lost lines."""

from typing import Any

import pytest

from gateway.causes.cases import cases_of
from gateway.contract.observed import Case
from tests.gateway.causes.observations import NOW, SITE, certificate, destination, observed

GIB = 2.0**30


def of(**parts: Any) -> Case:
    """Return the only case of what was observed."""
    (case,) = cases_of(observed(**parts), SITE)
    return case


def space(free: float = 10, used: float = 1, **parts: float) -> dict[str, float]:
    """Return room in GiB."""
    return {"free": free * GIB, "min_free": GIB, "used": used * GIB, "limit": 50 * GIB, **parts}


@pytest.mark.parametrize(
    ("room", "why"),
    [
        (space(free=0.8), "/var/lib/hilum has 0.8 GiB left, and spool.min_free_bytes is 1.0 GiB."),
        (space(used=50), "The spool in /var/lib/hilum holds 50.0 GiB, and spool.max_bytes is 50.0 GiB."),
        (space(full=1.0), "There is no room for further messages."),
    ],
)
def test_no_room(room: dict[str, float], why: str) -> None:
    """The sentence has the figures and the key; nobody may send."""
    case = of(space=room)
    assert (case["title"], case["why"], case["level"]) == ("Nobody may send: there is no room", why, "red")


@pytest.mark.parametrize("room", [None, space(), space(free=0.9, full=0.0)])
def test_room(room: dict[str, float] | None) -> None:
    """What the spool itself says of its room counts: it may reuse some of its own."""
    assert cases_of(observed(space=room), SITE) == []


def test_trouble_of_the_room_is_one_case() -> None:
    """The part of the gateway that watches the room makes no second case."""
    case = of(space=space(free=0.8), troubles={"spool space": "no message is taken"})
    assert (case["cause"], case["proof"]) == ("disk_full", "no message is taken")


def test_reason_of_the_room_is_whole() -> None:
    """The path of data_dir may be long; the sentence about it is not cut."""
    reason = f"/{'long/' * 30}data: no message is taken: 30326784 octets of the disk are free"
    assert of(space=space(free=0.8), troubles={"spool space": reason})["proof"] == reason


def test_trouble() -> None:
    """A part that does not work is named with its reason."""
    case = of(troubles={"dispatcher image-store": "it ended."})
    assert (case["title"], case["why"]) == ("dispatcher image-store does not work", "It ended.")


@pytest.mark.parametrize(
    ("reasons", "messages", "why"),
    [
        ({"the store refused it": 2}, "2 instances", "The store refused it."),
        ({"b": 3, "a": 9}, "12 instances", "9 of them: a; 3 of them: b."),
        ({"b": 3, "a": 9, "c": 1}, "13 instances", "9 of them: a; 3 of them: b; 1 for other reasons."),
    ],
)
def test_parked(reasons: dict[str, int], messages: str, why: str) -> None:
    """Parked messages are one case for each destination, with the reasons."""
    seen = destination(parked=1, parked_since=NOW - 99)
    case = of(parked={"image-store": reasons}, destinations={"image-store": seen})
    assert (case["title"], case["why"]) == (f"{messages} for image-store parked", why)
    assert (case["since"], case["contact"]) == (NOW - 99, "PACS on-call, 4411")


def test_parked_for_a_destination_that_is_gone() -> None:
    """Messages that are parked for a destination which is not configured are told too."""
    assert of(parked={"old": {"x": 1}})["title"] == "1 message for old parked"


def test_undelivered() -> None:
    """Messages that wait for nobody are told."""
    case = of(undelivered={"old": 7, "gone": 0})
    assert case["title"] == "7 messages for old, which is not configured"


def test_damaged_spool() -> None:
    """Each damaged spool is a case."""
    assert of(spools_set_aside=["worker-1.damaged-1"])["level"] == "red"


def test_worker_missing() -> None:
    """A worker that is missing is named."""
    assert of(missing_workers=[3])["title"] == "Worker 3 does not run"


@pytest.mark.parametrize(
    ("days", "title", "level"),
    [
        (9, "The certificate of listeners.lab.tls ends in 9 days", "amber"),
        (-3, "The certificate of listeners.lab.tls has ended", "red"),
    ],
)
def test_certificate(days: float, title: str, level: str) -> None:
    """A certificate that ends within a fortnight is a case, and one that has ended is urgent."""
    case = of(certificates=[certificate(days), certificate(15, "admin.tls")])
    assert (case["title"], case["level"], case["state"]) == (title, level, "ends_soon")
    assert case["since"] <= NOW


@pytest.mark.parametrize(
    ("what", "ago", "cases"), [("log", 5, 1), ("journal", 5, 1), ("log", 60, 0), ("something", 5, 0)]
)
def test_lost_lines(what: str, ago: float, cases: int) -> None:
    """Lost lines are a case while they get lost, not for ever after."""
    seen = observed(dropped={what: 3}, dropped_at={what: NOW - ago})
    assert len(cases_of(seen, SITE)) == cases
