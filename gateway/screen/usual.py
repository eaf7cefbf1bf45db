"""The peers that are as usual: all that have sent messages and that the status does not name."""

from gateway.causes.wording import plain
from gateway.contract.observed import Observed, PeerSeen, SilenceSeen, Status
from gateway.screen.times import lasting

SHOWN = ("learning", "expected")
"""States of silence that are shown as they are. All others of a peer that the status does not name are usual."""


def usual_rows(observed: Observed, status: Status) -> list[dict[str, object]]:
    """Return a row for each of them, in the order of their names."""
    unusual = {row["peer"] for row in status["peers"]}  # as ``plain`` writes them
    silence = {(each["peer"], each["listener"]): each for each in observed["silence"]}
    rows = [
        _row(each, silence.get((each["peer"], each["listener"])))
        for each in observed["peers"]
        if each["messages"] and plain(each["peer"]) not in unusual
    ]
    return sorted(rows, key=lambda row: (str(row["peer"]), str(row["listener"])))


def _row(peer: PeerSeen, silence: SilenceSeen | None) -> dict[str, object]:
    state = silence["state"] if silence is not None and silence["state"] in SHOWN else "usual"
    gap = silence["usual_gap"] if silence is not None else None
    return {
        "peer": plain(peer["peer"]),
        "listener": peer["listener"],
        "address": plain(peer["address"]),
        "last_message": peer["last_message"],
        "state": state,
        "words": f"usual gap {lasting(gap)}" if gap else "",
    }
