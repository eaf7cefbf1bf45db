"""Peers in words."""

from typing import Any

from gateway.screen.explaining.peer import Known, explain_peer
from tests.gateway.screen.explaining.examples import ENHANCED_PET, NOW, SKETCHED, association, case, path, peer, row


def known(**changed: Any) -> Known:
    """Return what is known of a peer."""
    return Known(**{"associations": [], "peers": [], "cases": [], "rows": [], **changed})


def test_all_that_is_known() -> None:
    """The last association comes first, then those before it, cases, connections and messages."""
    everything = known(
        associations=[SKETCHED, association(at=NOW - 900), association(at=NOW - 1800)],
        peers=[peer()],
        cases=[case(), case(subject="CT1"), case(cause="contexts_refused", title="told in more detail above")],
        rows=[row(at=NOW - 10), row(at=NOW - 20)],
    )
    found = explain_peer("PET1", everything, path, NOW)
    titles = [each["title"] for each in found["parts"]]
    assert titles[0].startswith("PET1 (10.31.4.40:51342) asked for HILUM")
    assert [
        "Before that:",
        "PET1 sends too much (the peer's side).",
        "PET1 at listener modalities, from 10.31.4.40:",
        "Its last messages:",
    ] == titles[1:]
    assert [NOW - 1800, NOW - 900] == [each["at"] for each in found["parts"][1]["steps"]]
    assert ["It sends 400/s.", "(9 times)", "It waits."] == found["parts"][2]["words"]
    (words,) = found["parts"][3]["words"]
    assert words.startswith("1 connection is open. Its last message came at 2025-11-29T02:20:20Z. ")
    assert words.endswith(" 212 messages since the start: 210 stored, 2 refused.")
    assert [NOW - 20, NOW - 10] == [each["at"] for each in found["parts"][4]["steps"]]
    assert found["mends"][0].startswith(f"Add {ENHANCED_PET} ")
    assert "Call PET room, 4712. Ask why." == found["mends"][-1]
    assert found["found"]


def test_nothing_is_known() -> None:
    """A peer of which nothing is known may never have reached Hilum."""
    found = explain_peer("CT9", known(), path, NOW)
    assert not found["found"]
    assert found["parts"][0]["title"].startswith("Nothing is known of this peer since the start.")


def test_without_a_message() -> None:
    """A peer that was noticed only has sent nothing; what is not known of its connections is not said."""
    found = explain_peer("PET1", known(peers=[peer(connections=-1, last_message=None)]), path, NOW)
    assert ["No message has come since the start."] == found["parts"][0]["words"]


def test_case_without_an_association() -> None:
    """Without an association in memory the case is all that explains refused contexts."""
    found = explain_peer("PET1", known(cases=[case(cause="contexts_refused", side="here", proof="")]), path, NOW)
    assert ["PET1 sends too much (here)."] == [each["title"] for each in found["parts"]]
