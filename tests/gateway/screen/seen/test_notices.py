"""What was noticed of a peer, in words."""

from gateway.contract.causes import Cause
from gateway.screen.seen.notices import noticed
from tests.gateway.screen.further import notice, site
from tests.gateway.screen.screens import NOW, peer_seen


def test_words() -> None:
    """The sentence of the table, with what was seen and with our own title; the last one first."""
    peer = peer_seen(
        "MR3",
        notices=[
            notice("rate", last=NOW - 500),
            notice("called_ae_title", details={"called": "HILUM1"}, last=NOW - 10),
        ],
    )
    first, second = noticed(peer, site(), NOW)
    assert "MR3 calls HILUM1; this listener is HILUM" == first.title
    assert "(9 times)" in first.why
    assert ("rate", NOW - 500) == (second.cause, second.last)


def test_every_cause() -> None:
    """Every cause has words, also without any detail, and at a listener that is not there any more."""
    peer = peer_seen("MR3", listener="gone", notices=[notice(each.value) for each in Cause])
    found = noticed(peer, site(), NOW)
    assert len(Cause) == len(found)
    assert all(each.title and each.why for each in found)


def test_unknown_cause() -> None:
    """A cause of another version is shown as unknown."""
    (found,) = noticed(peer_seen("MR3", notices=[notice("cause_of_tomorrow")]), site(), NOW)
    assert "unknown" == found.cause
