"""The status: what the first screen and ``hilum status`` show."""

import json
import time

from gateway.causes.status import status
from tests.gateway.causes.observations import NOW, SITE, destination, notice, observed, peer, silence, stopped


def test_nothing() -> None:
    """Of a gateway that has seen nothing, all is as usual, and nobody is needed."""
    found = status(observed())
    assert (found["sentence"], found["level"], found["needs_somebody"]) == ("All is as usual.", "green", False)
    assert (found["cases"], found["peers"], found["usual_peers"]) == ([], [], 0)


def test_rows() -> None:
    """Destinations and peers that are not as usual come first, or alone."""
    seen = observed(
        destinations={"hl7-store": destination(), "new": destination(last_success=None), **stopped("no_answer")},
        peers=[
            peer("CT1"),
            peer("MR3", "modalities", notice("framing"), last_message=NOW - 700),
            peer("MR3", "lab", last_message=NOW - 500, address="10.0.0.9"),
            peer("10.9.9.9", messages=0),
        ],
    )
    found = status(seen, SITE)
    assert [(each["name"], each["state"]) for each in found["destinations"]] == [
        ("image-store", "stopped"),
        ("hl7-store", "usual"),
        ("new", "usual"),
    ]
    assert [each["words"] for each in found["destinations"]][1:] == ["takes messages", "nothing was sent to it yet"]
    (row,) = found["peers"]
    assert row == {
        "peer": "MR3",
        "listener": "lab",
        "state": "rejected",
        "words": "MR3 sends what is no message",
        "last_message": NOW - 500,
        "address": "10.0.0.9",
    }
    assert (found["usual_destinations"], found["usual_peers"]) == (2, 1)
    assert (found["gateway"], found["level"], found["needs_somebody"]) == ("gw-1", "red", True)


def test_silent_peer_of_an_earlier_run() -> None:
    """A peer that has sent nothing since the start is known by its silence only."""
    (row,) = status(observed(silence=[silence()]), SITE)["peers"]
    assert (row["peer"], row["last_message"]) == ("LAB", None)


def test_usual_peers_are_never_negative() -> None:
    """A peer that was only turned away is not among those that are as usual."""
    seen = observed(peers=[peer("10.9.9.9", "modalities", notice("framing"), messages=0, last_message=None)])
    assert status(seen, SITE)["usual_peers"] == 0


def test_only_what_a_person_did() -> None:
    """Cases that a person has made need nobody."""
    assert not status(observed(), SITE)["needs_somebody"]


def test_fast() -> None:
    """300 peers and 20 destinations take a few milliseconds; the limit leaves room for a busy machine."""
    peers = [peer(f"CT{number}", "modalities", *[notice("framing", 50)] * 3) for number in range(297)]
    peers += [peer(f"MR{number}", "modalities", notice("framing")) for number in range(3)]
    destinations = {f"store-{number}": destination() for number in range(19)}
    seen = observed(destinations={**destinations, **stopped("connection_refused")}, peers=peers)
    took = []
    for _ in range(5):
        began = time.process_time()
        found = status(seen, SITE)
        took.append(time.process_time() - began)
    assert len(found["cases"]) == 4
    assert min(took) < 0.05
    json.dumps(found)
