"""Connection limits."""

from adapters.mllp.admission import Admission
from gateway.message import Rejection


def test_limits() -> None:
    """A peer is let in until its own limit or the listener's is reached, and again when someone has left."""
    admission = Admission(most=3, most_per_peer=2)
    assert [None, None, Rejection.PEER_LIMIT, None, Rejection.CONNECTION_LIMIT] == [
        admission.enter(peer) for peer in ("a", "a", "a", "b", "c")
    ]
    admission.leave("a")
    assert [None, Rejection.CONNECTION_LIMIT] == [admission.enter("c"), admission.enter("a")]


def test_turned_away_peers_are_not_remembered() -> None:
    """Neither a peer that left nor one that was turned away takes memory."""
    admission = Admission(most=1, most_per_peer=1)
    admission.enter("a")
    admission.enter("b")
    admission.leave("a")
    assert {} == dict(admission._peers)
