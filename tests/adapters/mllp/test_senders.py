"""What a listener remembers of its senders."""

import pytest

from adapters.hl7.er7 import Header
from adapters.hl7.facts import Facts
from adapters.mllp import senders
from adapters.mllp.senders import Senders
from gateway.contract.journal import Names


def facts(name: str = "HIS", kind: str = "ADT^A01", peer_ip: str = "10.0.0.7", data: str = "") -> Facts:
    """Return the facts of a message, which are not read."""
    header = Header.parse((data or f"MSH|^~\\&|{name}|WARD|||2026||{kind}|C1|P|2.5\r").encode())
    assert header is not None
    return Facts({"protocol": "mllp", "listener": "adt", "peer_ip": peer_ip}, header)


def told(known: Senders, message: Facts) -> object:
    """Return what the journal is told, as a connection does it."""
    return known.known.get(message.signature()) or known.told(message)


def test_known() -> None:
    """The first message tells its facts, unread, later ones of the same kind all tell the same names."""
    known, first, second = Senders(), facts(), facts()
    assert first is told(known, first)
    assert first.signature() is not None, "nothing was read"
    names = told(known, second)
    assert ("adt", "HIS|WARD", "ADT^A01") == names
    assert names is told(known, facts())
    other = facts(kind="ADT^A08")
    assert other is told(known, other)


def test_nameless() -> None:
    """A sender without a usable name is its address: the names are those of every peer like it."""
    known = Senders()
    told(known, facts(kind="ORDER"))
    expected: Names = "adt", "", ""
    assert expected == told(known, facts(kind="ORDER", peer_ip="10.0.0.8"))


def test_unsigned() -> None:
    """Facts without a signature are told as they are."""
    known, given = Senders(), [facts(data="MSH|^~\\&|HIS\r") for _ in range(3)]
    assert all(each is told(known, each) for each in given)
    assert {} == known.known


def test_long_signatures() -> None:
    """Signatures that are long are not remembered: a sender may make as many as it likes."""
    known, given = Senders(), [facts("H" * 1000) for _ in range(3)]
    assert all(each is told(known, each) for each in given)
    assert {} == known.known


def test_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that invents names fills no memory, and none of its headers is read."""
    monkeypatch.setattr(senders, "MOST_KNOWN", 3)
    known, given = Senders(), [facts(f"HIS{number}") for number in range(10)]
    assert all(each is told(known, each) for each in given)
    assert all(each.signature() is not None for each in given)
    assert 3 >= len(known.known)
