"""Peers: counted from the journal's rows, noticed by listeners, bounded."""

from collections.abc import Callable

import pytest

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.journal import Row
from gateway.contract.observed import PeerSeen
from gateway.contract.outcome import NO_ROUTE
from gateway.observing.peers import Peers

WRONG_TITLE = Diagnosis(Cause.CALLED_AE_TITLE, {"asked": "HILUM1", "ours": "HILUM", "port": "11112"})


def row(
    peer: str = "CT1",
    outcome: str = "stored",
    *,
    at: float = 100.0,
    listener: str = "modalities",
    address: str = "10.0.0.1:4000",
) -> Row:
    """Return a row of the journal."""
    return Row(at, "7f", listener, peer, address, "1.2.3", "CT", 10, outcome, "0000", "", "store", 1, 0.2)


def refused(reason: str, kind: str = "ADT^A01", destination: str = "") -> Row:
    """Return the row of a message that was refused."""
    return row("HIS", "refused")._replace(reason=reason, type=kind, destination=destination)


@pytest.fixture
def clock() -> list[float]:
    """Return the time; a test may change it."""
    return [1000.0]


@pytest.fixture
def peers(clock: list[float]) -> Peers:
    """Return an empty registry."""
    return Peers(lambda: clock[0])


@pytest.fixture
def seen(peers: Peers) -> Callable[..., PeerSeen]:
    """Return a function that gives one peer."""

    def one(peer: str, listener: str = "modalities") -> PeerSeen:
        (found,) = (each for each in peers.seen() if (each["peer"], each["listener"]) == (peer, listener))
        return found

    return one


def test_counts(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Each message is counted by its outcome; what a destination was told in commit mode is no message of a peer."""
    outcomes = ["stored", "committed", "refused", "unavailable", "unavailable", "none"]
    peers.rows([row(outcome=each, at=at) for at, each in enumerate(outcomes)])
    peers.rows([row("CT1", "parked", listener="", address=""), row("CT2", at=7.0)])
    ct1 = seen("CT1")
    assert (ct1["messages"], ct1["stored"], ct1["refused"], ct1["unavailable"]) == (6, 2, 1, 2)
    assert (ct1["last_message"], ct1["address"], ct1["notices"]) == (5.0, "10.0.0.1", [])
    assert [each["peer"] for each in peers.seen()] == ["CT2", "CT1"], "the one that was heard of last comes first"
    peers.rows([])
    assert len(peers.seen()) == 2


def test_late_rows(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """The time of the last message never goes back."""
    peers.rows([row(at=50.0)])
    peers.rows([row(at=49.0)])
    assert seen("CT1")["last_message"] == 50.0


def test_duplicates(peers: Peers, seen: Callable[..., PeerSeen], clock: list[float]) -> None:
    """A duplicate is a message that the peer was told is stored; it is noticed, with how often and when."""
    peers.rows([row("HIS|H", "committed"), row("HIS|H", "duplicate"), row("HIS|H", "duplicate")])
    clock[0] = 1010.0
    peers.rows([row("HIS|H", "duplicate")])
    found = seen("HIS|H")
    assert (found["messages"], found["stored"], found["duplicates"]) == (4, 4, 3)
    (notice,) = (each for each in found["notices"] if each["cause"] == "duplicates")
    assert (notice["first"], notice["last"], notice["count"]) == (1000.0, 1010.0, 3)


def test_notices(peers: Peers, seen: Callable[..., PeerSeen], clock: list[float]) -> None:
    """The same notice is counted; another one, or the same with other details, is one of its own."""
    peers.notice("modalities", Notice(WRONG_TITLE, "MR3", "10.31.4.17"))
    clock[0] = 1001.0
    peers.notice("modalities", Notice(WRONG_TITLE, "MR3", "10.31.4.17"))
    other = Diagnosis(Cause.CALLED_AE_TITLE, {"asked": "HILUM2", "ours": "HILUM", "port": "11112"})
    peers.notice("modalities", Notice(other, "MR3", "10.31.4.17"))
    mr3 = seen("MR3")
    assert (mr3["address"], mr3["messages"], mr3["last_message"], mr3["connections"]) == ("10.31.4.17", 0, None, 0)
    assert [(each["details"]["asked"], each["count"]) for each in mr3["notices"]] == [("HILUM2", 1), ("HILUM1", 2)]
    assert (mr3["notices"][1]["first"], mr3["notices"][1]["last"]) == (1000.0, 1001.0)


def test_measured_details(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Seconds and rates differ each time: they do not make another notice, and the latest values count."""
    for seconds in ("10.1", "10.2"):
        peers.notice("lab", Notice(Diagnosis(Cause.PEER_GAVE_UP, {"seconds": seconds}), "LAB|H", "10.0.0.2"))
    (notice,) = seen("LAB|H", "lab")["notices"]
    assert (notice["details"], notice["count"]) == ({"seconds": "10.2"}, 2)


def test_copies(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """What was handed out does not change afterwards."""
    peers.notice("modalities", Notice(WRONG_TITLE, "MR3", "10.31.4.17"))
    before = seen("MR3")
    peers.notice("modalities", Notice(WRONG_TITLE, "MR3", "10.31.4.17"))
    assert before["notices"][0]["count"] == 1


def test_few_notices(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Of a peer 20 notices are kept: the one that was repeated longest ago goes."""
    for asked in [*range(20), 0, 20]:
        details = {"asked": str(asked)}
        peers.notice("modalities", Notice(Diagnosis(Cause.CALLED_AE_TITLE, details), "MR3", "10.31.4.17"))
    asked_for = [each["details"]["asked"] for each in seen("MR3")["notices"]]
    assert (len(asked_for), asked_for[:2], asked_for[-1]) == (20, ["20", "0"], "2")


def test_bounded_details(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Details are short, few and printable, whatever a listener gives."""
    details = {f"n{number:02}": "x" * 9000 for number in range(50)} | {"n00": "a\x1b[31mb\n"}
    peers.notice("modalities", Notice(Diagnosis(Cause.FRAMING, details), "MR3", "10.31.4.17"))
    (notice,) = seen("MR3")["notices"]
    assert (len(notice["details"]), len(notice["details"]["n01"])) == (12, 256)
    assert notice["details"]["n00"] == "a?[31mb?"


def test_few_peers(clock: list[float]) -> None:
    """Beyond the limit the peer goes that was heard of longest ago, with all that belongs to it."""
    peers = Peers(lambda: clock[0], most=3, most_strangers=0)
    peers.rows([row("A"), row("B"), row("C")])
    peers.rows([row("A"), row("D")])
    assert [each["peer"] for each in peers.seen()] == ["D", "A", "C"]
    peers.rows([row("B")])
    (seen, *_) = peers.seen()
    assert (seen["peer"], seen["messages"]) == ("B", 1), "it begins anew"
    assert {each["details"]["peers"] for each in seen["notices"]} == {"A, B, D"}, "C was forgotten"
    peers.rows([row("E")])
    assert peers.seen()[0]["notices"][0]["details"]["peers"] == "B, D, E"


def test_strangers(clock: list[float]) -> None:
    """Peers that are turned away displace each other, and none that sends; one that sends later is one of those."""
    peers = Peers(lambda: clock[0], most=4, most_strangers=2)
    peers.rows([row("A"), row("B")])
    for peer in ("10.0.0.7", "10.0.0.8", "MR3", "A"):
        peers.notice("modalities", Notice(WRONG_TITLE, peer, "10.0.0.9"))
    assert [each["peer"] for each in peers.seen()] == ["B", "A", "MR3", "10.0.0.8"]
    peers.rows([row("MR3", address="10.0.0.9:1")])
    assert [each["peer"] for each in peers.seen()] == ["MR3", "B", "10.0.0.8"], "A was heard of longest ago"
    assert [each["cause"] for each in peers.seen()[0]["notices"]] == ["called_ae_title"]


def test_several_peers_behind_one_address(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Names that come from one address are named with each other; one that moves away is not."""
    peers.rows([row("CT1")])
    assert seen("CT1")["notices"] == []
    peers.rows([row("CT2", address="10.0.0.1:4001"), row("CT3", address="10.0.0.3:4000")])
    (notice,) = seen("CT2")["notices"]
    assert notice["cause"] == "several_peers"
    assert notice["details"] == {"address": "10.0.0.1", "peers": "CT1, CT2", "count": "2"}
    assert seen("CT3")["notices"] == []
    peers.rows([row("CT2", address="10.0.0.4:4001")])
    peers.rows([row("CT4", address="10.0.0.1:4002")])
    assert seen("CT4")["notices"][0]["details"]["peers"] == "CT1, CT4"


def test_engine(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """Of very many names behind one address only the first are told of: making the list costs time."""
    peers.rows([row(f"{number:03}|H") for number in range(100)])
    assert seen("019|H")["notices"][0]["details"]["count"] == "20"
    assert seen("020|H")["notices"] == []


def test_same_name_at_two_listeners(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """A name is that of a peer at one listener."""
    peers.rows([row("CT1"), row("CT1", listener="archive"), row("CT1", "refused", listener="archive")])
    assert (seen("CT1")["messages"], seen("CT1", "archive")["messages"]) == (1, 2)


def test_open_connections(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """A connection belongs to who has sent over it; before that, to the only peer of its address."""
    peers.opened("modalities", "10.0.0.1:4000")
    assert peers.seen() == [], "a probe that only connects is no peer"
    peers.rows([row("CT1")])
    peers.opened("modalities", "10.0.0.1:4001")
    assert seen("CT1")["connections"] == 2, "the second one is silent, and nobody else is known there"
    peers.rows([row("CT2", address="10.0.0.1:4001")])
    peers.opened("modalities", "10.0.0.1:4002")
    assert (seen("CT1")["connections"], seen("CT2")["connections"]) == (1, 1), "the third may be of either"
    peers.closed("modalities", "10.0.0.1:4000")
    peers.closed("modalities", "10.0.0.1:4000")
    assert seen("CT1")["connections"] == 0
    peers.rows([row("CT1")])
    assert seen("CT1")["connections"] == 0, "its rows come a little later than its end"


def test_refused_here(peers: Peers, seen: Callable[..., PeerSeen]) -> None:
    """What Hilum refuses is noticed, by reason; what a destination refuses is a matter of the destination."""
    rows = [
        refused(NO_ROUTE.reason),
        refused("it has no header"),
        refused("it has no header", "ORU^R01"),
        refused(NO_ROUTE.reason, "ORU^R01"),
        refused(NO_ROUTE.reason, "ORU^R01"),
        refused("the store said no", destination="store"),
    ]
    peers.rows([*rows, refused("an attempt")._replace(listener="")])
    assert [(each["cause"], each["details"], each["count"]) for each in reversed(seen("HIS")["notices"])] == [
        ("unrouted", {"type": "ADT^A01"}, 1),
        ("peer_refused_often", {"reason": "it has no header"}, 2),
        ("unrouted", {"type": "ORU^R01"}, 2),
    ]
