"""Connection limits."""

from adapters.mllp.admission import Admission
from gateway.message import Rejection


def test_limits() -> None:
    """A peer is let in until its own limit or the listener's is reached, and again when someone has left."""
    admission = Admission(most=3)
    assert [None, None, Rejection.PEER_LIMIT, None, Rejection.CONNECTION_LIMIT] == [
        admission.enter(peer, 2) for peer in ("a", "a", "a", "b", "c")
    ]
    admission.leave("a")
    assert [None, Rejection.CONNECTION_LIMIT] == [admission.enter("c", 2), admission.enter("a", 2)]


def test_turned_away_peers_are_not_remembered() -> None:
    """Neither a peer that left nor one that was turned away takes memory."""
    admission = Admission(most=1)
    admission.enter("a", 1)
    admission.enter("b", 1)
    admission.leave("a")
    assert {} == dict(admission._peers)


def test_limit_of_an_entry() -> None:
    """The peers of an entry share its limit, whatever their addresses; others do not."""
    admission = Admission(most=9)
    assert [None, Rejection.PEER_LIMIT] == [admission.enter(peer, 5, "lab", 1) for peer in ("a", "b")]
    assert admission.enter("c", 5) is None
    admission.leave("a", "lab")
    assert admission.enter("b", 5, "lab", 1) is None
