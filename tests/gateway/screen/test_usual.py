"""The peers that are as usual."""

from gateway.contract.observed import SilenceSeen
from gateway.screen.usual import usual_rows
from tests.gateway.screen.screens import observed, peer, peer_seen, status


def silence(name: str, state: str, usual_gap: float | None = 120.0) -> SilenceSeen:
    """Return how the silence of a peer is judged."""
    return SilenceSeen(peer=name, listener="modalities", state=state, since=None, usual_gap=usual_gap, rate=None)


def test_usual_rows() -> None:
    """Those that have sent messages and that the status does not name, in order, with their usual gap."""
    seen = observed([peer_seen("MR3"), peer_seen("CT2"), peer_seen("CT1"), peer_seen("NEW", messages=0)])
    seen["silence"] = [silence("CT1", "learning", None), silence("CT2", "marked")]
    rows = usual_rows(seen, status(peers=[peer("MR3")]))
    assert [("CT1", "learning", ""), ("CT2", "usual", "usual gap 2 min")] == [
        (row["peer"], row["state"], row["words"]) for row in rows
    ]
