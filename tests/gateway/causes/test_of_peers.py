"""Cases of peers, and which of them a destination explains."""

from typing import Any

import pytest

from gateway.causes.cases import cases_of
from tests.gateway.causes.observations import NOW, SITE, notice, observed, peer, silence, stopped


def test_one_for_each_cause() -> None:
    """Several notices of one cause are one case, which is told by the last of them."""
    notices = [
        notice("called_ae_title", 60, 3, called="HILUM1"),
        notice("called_ae_title", 5, 2, called="HILUM2"),
        notice("contexts_refused"),
    ]
    cases = cases_of(observed(peers=[peer("MR3", "modalities", *notices, last_message=None)]), SITE)
    titled = next(each for each in cases if each["cause"] == "called_ae_title")
    assert len(cases) == 2
    assert titled["title"] == "MR3 calls HILUM2; this listener is HILUM"
    assert titled["since"] == NOW - 5, "what was seen a minute ago does not last"


def test_contact() -> None:
    """Whom to call is known by the name of the peer."""
    (case,) = cases_of(observed(peers=[peer("LAB", "lab", notice("framing"))]), SITE)
    assert case["contact"] == "Laboratory IT, 4730"


@pytest.mark.parametrize("cause", ["peer_gave_up", "duplicates", "peer_refused_often"])
def test_explained_by_a_destination(cause: str) -> None:
    """What a peer does because a destination fails belongs to the effect of that; other causes stay."""
    notices = notice(cause, 10.0, 50), notice("calling_ae_title")
    seen = observed(
        destinations=stopped("connection_refused", "hl7-store", 0), peers=[peer("LAB", "lab", *notices, duplicates=99)]
    )
    assert [each["cause"] for each in cases_of(seen, SITE)] == ["connection_refused", "calling_ae_title"]
    del seen["destinations"]["hl7-store"]
    assert cause in [each["cause"] for each in cases_of(seen, SITE)]


@pytest.mark.parametrize(("duplicates", "cases"), [(4, 0), (24, 0), (25, 1)])
def test_duplicates(duplicates: int, cases: int) -> None:
    """A few messages that are sent again are as usual; a twentieth of all is a case."""
    seen = peer("HIS", "lab", notice("duplicates", 10.0, duplicates), duplicates=duplicates)
    assert len(cases_of(observed(peers=[seen]), SITE)) == cases


@pytest.mark.parametrize(("refused", "cases"), [(4, 0), (24, 0), (25, 1)])
def test_refused_often(refused: int, cases: int) -> None:
    """A few messages that Hilum refuses are as usual; a twentieth of all is a case, with the counts and the reason."""
    notices = [
        notice("peer_refused_often", 10.0, 1, reason="no header"),
        notice("peer_refused_often", 5.0, refused - 1, reason="no control ID"),
    ]
    found = cases_of(observed(peers=[peer("HIS", "lab", *notices)]), SITE)
    assert [each["why"] for each in found] == [
        f"{refused} of 500 messages of HIS are refused, the last one because of this: no control ID."
    ] * cases


def test_unrouted() -> None:
    """One message that no route takes is a case: what it is, is said."""
    (case,) = cases_of(observed(peers=[peer("HIS", "lab", notice("unrouted", type="ADT^A08"))]), SITE)
    assert (case["side"], case["why"]) == ("here", "No route of lab takes ADT^A08 (once).")


def test_several_peers() -> None:
    """Several peers behind one address are no case: they are the proof where a limit of the address is reached."""
    several = notice("several_peers", peers="CT1, CT2", count="2")
    assert cases_of(observed(peers=[peer("CT1", "modalities", several)]), SITE) == []
    (case,) = cases_of(observed(peers=[peer("CT1", "modalities", several, notice("rate"))]), SITE)
    assert case["proof"].endswith("this address is shared by CT1, CT2")


def test_others_behind_the_address() -> None:
    """Who shares the address is noticed of the peer that came last, and is told of each of them at this listener."""
    earlier = notice("several_peers", 300.0, peers="CT1, CT2", count="2")
    several = notice("several_peers", 10.0, peers="CT1, CT2, CT3", count="3")
    strange = notice("several_peers", 1.0, peers="X, Y", count="2")
    peers = [
        peer("CT1", "modalities", notice("rate")),
        peer("CT3", "modalities", several),
        peer("CT2", "modalities", earlier),
        peer("X", "lab", strange),
        peer("Y", "modalities", strange, address="10.31.4.99"),
    ]
    (case,) = cases_of(observed(peers=peers), SITE)
    assert case["proof"].endswith("this address is shared by CT1, CT2, CT3")


def test_hostile_name() -> None:
    """A name from the wire reaches no sentence with control characters, and braces in it are text."""
    (case,) = cases_of(observed(peers=[peer("{now}\x1b[2J", "modalities", notice("framing"))]), SITE)
    assert case["title"] == "{now}\ufffd[2J sends what is no message"


@pytest.mark.parametrize(
    ("connections", "words"),
    [
        (1, "Its connection is open, no message comes."),
        (0, "It has no connection."),
        (-1, "Whether it is connected is not known."),
    ],
)
def test_silence(connections: int, words: str) -> None:
    """A silent peer is told with its usual gap and the state of its connection."""
    seen = observed(silence=[silence()], peers=[peer("LAB", "lab", connections=connections)])
    (case,) = cases_of(seen, SITE)
    assert case["why"] == f"No message for 4 h; the usual gap at this hour is 20 min. {words}"
    assert (case["state"], case["since"], case["contact"]) == ("silent", NOW - 13_920, "Laboratory IT, 4730")
    assert case["proof"] == "0 messages; usually 75 an hour at this hour of the week"


@pytest.mark.parametrize(
    ("state", "cases"), [("usual", 0), ("learning", 0), ("expected", 0), ("marked", 1), ("silent", 1)]
)
def test_states_of_silence(state: str, cases: int) -> None:
    """A mark on the screen and an event are cases; what is expected is not."""
    assert len(cases_of(observed(silence=[silence(state)]), SITE)) == cases


def test_silence_of_which_little_is_known() -> None:
    """Without a last message and a usual gap the sentence is whole."""
    parts: dict[str, Any] = {"since": None, "usual_gap": None, "rate": None}
    (case,) = cases_of(observed(silence=[silence("silent", **parts)]), SITE)
    assert case["why"] == "No message comes. Whether it is connected is not known."
    assert (case["since"], case["proof"]) == (NOW, "")
