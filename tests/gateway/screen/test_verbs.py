"""Where the verbs of cases lead."""

import pytest

from gateway.causes.rows import fill
from gateway.causes.table import TABLE
from gateway.screen.verbs import anchor_of, link_of
from gateway.screen.words import our_address

LINKS = [
    ({"link": "/spool"}, "/spool"),
    ({"key": "listeners.adt.port"}, "/configuration#listeners.adt.port"),
    ({"key": "peers.LAB <1>.contact"}, "/configuration#peers.LAB%20%3C1%3E.contact"),
    ({"page": "destinations", "name": "a/b"}, "/destinations/a%2Fb"),
    ({"page": "peers", "name": "LAB|X"}, "/peers/LAB%7CX"),
    ({"page": "messages", "message_id": "7f"}, "/messages/7f"),
    ({"page": "spool"}, "/spool"),
    (
        {"page": "spool", "destination": "a b", "state": "parked"},
        "/spool/entries?destination=a+b&state=parked",
    ),
    ({"page": "certificates"}, "/certificates"),
    ({"destination": "store", "state": "waiting"}, None),
]


@pytest.mark.parametrize(("target", "link"), LINKS, ids=str)
def test_link(target: dict[str, str], link: str | None) -> None:
    """A verb that shows something leads to its page; one that acts leads nowhere by itself."""
    assert link == link_of(target)


def test_anchor() -> None:
    """An anchor has no spaces, and is the path of the key where that is plain."""
    assert ("routes[0].when.PV1-2", "peers.a%20b") == (anchor_of("routes[0].when.PV1-2"), anchor_of("peers.a b"))


def test_every_verb_of_the_table() -> None:
    """Each verb of the table of causes acts, or leads to a page of this port."""
    deeds = [deed for row in TABLE.values() for deed in row.deeds]
    for each in deeds:
        link = link_of({name: fill(value, {}) for name, value in each.target.items()})
        assert (link is None) == (each.name in ("retry", "discard")), each
        assert link is None or link == our_address(link)
