"""What several workers have observed, as if one process had seen it all."""

from gateway.observing.merging import merged
from tests.gateway.causes.observations import (
    NOW,
    certificate,
    destination,
    notice,
    observed,
    peer,
    silence,
)


def test_no_worker() -> None:
    """If no worker answers, nothing is known but that."""
    seen = merged([], [1, 2], lambda: NOW)
    assert (seen["at"], seen["state"], seen["missing_workers"]) == (NOW, "not ready", [1, 2])
    assert (seen["destinations"], seen["peers"], seen["space"]) == ({}, [], None)


def test_state() -> None:
    """The gateway is ready if all workers are."""
    ready, starting = observed(), observed(state="starting")
    assert merged([ready, ready], [])["state"] == "ready"
    assert merged([ready, starting], [])["state"] == "not ready"
    assert merged([ready], [2])["state"] == "not ready"
    assert merged([observed(at=1.0, started_at=0.5), observed(at=2.0, started_at=0.1)], [])["started_at"] == 0.1


def test_sums() -> None:
    """What each worker has of its own is added up."""
    one = observed(
        parked={"a": {"x": 1, "y": 2}},
        undelivered={"old": 3},
        dropped={"log": 1},
        dropped_at={"log": 5.0},
        troubles={"spool": "one"},
        spools_set_aside=["b"],
    )
    two = observed(
        parked={"a": {"x": 1}, "b": {"z": 1}},
        undelivered={"old": 4},
        dropped={"log": 1},
        dropped_at={"log": 9.0},
        troubles={"spool": "two", "other": "x"},
        spools_set_aside=["a", "b"],
    )
    seen = merged([one, two], [])
    assert seen["parked"] == {"a": {"x": 2, "y": 2}, "b": {"z": 1}}
    assert (seen["undelivered"], seen["dropped"], seen["dropped_at"]) == ({"old": 7}, {"log": 2}, {"log": 9.0})
    assert seen["troubles"] == {"spool": "one", "other": "x"}
    assert seen["spools_set_aside"] == ["a", "b"]


def test_peers() -> None:
    """The connections of a peer may be spread over the workers; it is one peer with one notice of each sort."""
    rate = notice("rate", 50, 3, rate="400")
    one = peer("LAB", "lab", rate, notice("framing"), connections=2, messages=5, last_message=NOW - 9)
    two = peer("LAB", "lab", notice("rate", 5, 2, rate="380"), connections=1, messages=7, address="10.0.0.2")
    other = peer("LAB", "other", connections=-1)
    seen = merged([observed(peers=[one, other]), observed(peers=[two])], [])
    lab, elsewhere = seen["peers"]
    assert (lab["connections"], lab["messages"], lab["last_message"], lab["address"]) == (3, 12, NOW - 9, "10.31.4.17")
    assert elsewhere["connections"] == -1
    rates = [each for each in lab["notices"] if each["cause"] == "rate"]
    assert [(each["count"], each["first"], each["last"], each["details"]) for each in rates] == [
        (5, NOW - 50, NOW - 5, {"rate": "380"})
    ]
    assert len(lab["notices"]) == 2


def test_the_rest() -> None:
    """Certificates and silence are the same in each worker; the disk is shared, the spools are not."""
    room = {"free": 10.0, "min_free": 1.0, "used": 2.0, "limit": 50.0, "full": 0.0}
    parts = [
        observed(certificates=[certificate(9)], silence=[silence(since=1.0)], space=room),
        observed(certificates=[certificate(8)], silence=[silence("usual", since=2.0)], space={**room, "free": 9.0}),
        observed(),
    ]
    seen = merged(parts, [])
    assert [each["ends_at"] for each in seen["certificates"]] == [NOW + 8 * 86400]
    assert [each["state"] for each in seen["silence"]] == ["usual"]
    assert seen["space"] == {"free": 9.0, "min_free": 1.0, "full": 0.0, "used": 4.0, "limit": 100.0}


def test_one_is_as_it_was() -> None:
    """Of one worker nothing is changed."""
    one = observed(destinations={"a": destination()}, peers=[peer("CT1", "modalities", notice("framing"))])
    seen = merged([one], [])
    assert seen["peers"] == one["peers"]
    assert {**seen["destinations"]["a"], **one["destinations"]["a"]} == seen["destinations"]["a"]
