"""All peers, those that need somebody first."""

from gateway.contract.observed import SilenceSeen
from gateway.screen.seen.peers import peer_rows, rows_of
from tests.gateway.screen.further import HOSTILE, bad_night_with_hostile_names, notice, seen
from tests.gateway.screen.screens import NOW, observed, peer_seen, status

ALL = seen(), bad_night_with_hostile_names()


def test_order() -> None:
    """Who has a case is first; then who was noticed; then who was heard last."""
    peers = [
        peer_seen("quiet", last_message=None),
        peer_seen("heard", last_message=NOW),
        peer_seen("noticed", notices=[notice("rate")]),
    ]
    rows = peer_rows(observed(peers), status())
    assert ["noticed", "heard", "quiet"] == [row.seen["peer"] for row in rows]
    assert {"MR3", "LAB|HOSPITAL", HOSTILE} == {row.seen["peer"] for row in peer_rows(*ALL)[:3]}


def test_states() -> None:
    """A peer has the state of its case, or of its silence, or is as usual."""
    rows = {row.seen["peer"]: row for row in peer_rows(*ALL)}
    assert ("rejected", "silent", "learning") == tuple(rows[each].state for each in ("MR3", "LAB|HOSPITAL", "CT1"))
    assert "MR3 calls us by the wrong name" == rows["MR3"].words
    assert rows["../spool"].is_usual


def test_filter() -> None:
    """A text finds peers by name, listener and address; those as usual can be left out."""
    assert ["LAB|HOSPITAL"] == [row.seen["peer"] for row in peer_rows(*ALL, "hosp")]
    assert ["CT1"] == [row.seen["peer"] for row in peer_rows(*ALL, "51342")]
    assert {"adt"} == {row.seen["listener"] for row in peer_rows(*ALL, "ADT")}
    assert 3 == len(peer_rows(*ALL, only_unusual=True))


def test_two_listeners() -> None:
    """A peer that connects to two listeners has two rows; the case belongs to the listener that the status names."""
    peers = [peer_seen("MR3"), peer_seen("MR3", listener="backup")]
    silence = [SilenceSeen(peer="MR3", listener="backup", state="expected", since=NOW, usual_gap=None, rate=None)]
    found = rows_of({**observed(peers), "silence": silence}, ALL[1], "MR3")
    assert [("modalities", "rejected"), ("backup", "expected")] == [(row.seen["listener"], row.state) for row in found]
    assert ["backup"] == [row.seen["listener"] for row in rows_of(observed(peers), ALL[1], "MR3", "backup")]
    assert [] == rows_of(observed(), status(), "MR3")
    assert [] == rows_of(observed(peers), status(), "MR3", "elsewhere")
