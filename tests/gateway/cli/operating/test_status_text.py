"""The status as text."""

import re

import pytest

from gateway.cli.operating.paint import Paint
from gateway.cli.operating.status_text import View, status_lines
from gateway.contract.observed import Status
from tests.gateway.cli.operating.statuses import NOW, case, rejected, status


def text(found: Status, width: int = 80, *, colours: bool = False) -> str:
    """Return the lines of a status as one text."""
    return "\n".join(status_lines(found, View(width, "/etc/hilum.yaml", Paint(colours=colours))))


WHOLE = """\
Images do not reach image-store. One peer needs a look.          03:21 CET, gw-1
412 wait, all safe; none is lost.

■ STOPPED   image-store   since 03:07 (14 min)   store side
            Images do not reach image-store
            Nothing listens at 10.20.0.8:8042: its host answers, the service is
            down.
            (37 tries, the last at 03:20:30)
            412 instances of CT1, CT2 and MR1 wait here, safe; room for 9 h.
          → Call PACS on-call, 4411. Hilum delivers by itself when it is back.
            hilum spool retry /etc/hilum.yaml --destination image-store
▲ REJECTED  MR3           since 02:30 (51 min)   peer side
            It calls AE title HILUM1; this listener is HILUM.
            (9 times)
          → On MR3 set the AE title to HILUM.
            hilum explain /etc/hilum.yaml --peer MR3
● 2 more destinations and 14 peers as usual."""


def test_whole() -> None:
    """A card for each cause has state, since, side, why, proof, effect, what now and whom to call."""
    assert WHOLE == text(status(case(), rejected()))


def test_all_is_well() -> None:
    """Without a case there is the sentence, and what is as usual."""
    assert [
        "All is as usual.                                                 03:21 CET, gw-1",
        "",
        "● 2 destinations and 14 peers as usual.",
    ] == text(status()).splitlines()


COUNTS = [
    (0, 0, ""),
    (1, 0, "● 1 destination as usual."),
    (0, 1, "● 1 peer as usual."),
    (3, 1, "● 3 destinations and 1 peer as usual."),
]


@pytest.mark.parametrize(("destinations", "peers", "line"), COUNTS)
def test_counts(destinations: int, peers: int, line: str) -> None:
    """One is not called several, and none is not counted."""
    assert line == text(status(usual_destinations=destinations, usual_peers=peers)).split("\n")[-1]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_width(width: int) -> None:
    """No line is wider than the terminal, except a command, which is to be pasted as one line."""
    lines = text(status(case(), rejected()), width).splitlines()
    assert [] == [each for each in lines if len(each) > width and "hilum " not in each]


def test_colours_only_add() -> None:
    """Without its escape sequences the coloured text is the plain one: no colour says anything alone."""
    coloured = text(status(case(), rejected()), colours=True)
    assert "\x1b[31;1m■ STOPPED" in coloured
    assert text(status(case(), rejected())) == re.sub(r"\x1b\[[0-9;]*m", "", coloured)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\nMR\u202e3"


@pytest.mark.parametrize(
    "key", ["subject", "title", "why", "proof", "effect", "now", "contact", "state", "side", "subject_kind"]
)
def test_hostile_values(key: str) -> None:
    """No value of a case can control the terminal, nor begin a line of its own."""
    shown = text(status(rejected(**{key: HOSTILE})))
    assert shown.isprintable() or all(each.isprintable() for each in shown.splitlines())
    assert not any(line.startswith("MR") for line in shown.splitlines())


@pytest.mark.parametrize("key", ["sentence", "counts", "gateway"])
def test_hostile_head(key: str) -> None:
    """Neither can a value of the head."""
    shown = text(status(rejected(), **{key: HOSTILE}))
    assert all(each.isprintable() for each in shown.splitlines())


def test_nothing_to_paste() -> None:
    """A case of the gateway itself has no command if no verb helps."""
    shown = text(status(case(verbs=[], subject_kind="gateway", subject="disk", side="here")))
    assert "hilum " not in shown
    assert "(14 min)   here" in shown


def test_contact_is_not_repeated() -> None:
    """Where the sentence names already whom to call, it is not said twice."""
    shown = text(status(case(now="Call PACS on-call, 4411.")))
    assert 1 == shown.count("4411")


def test_odd_peers() -> None:
    """Peers that are not as usual and in no card have a line each; the rest is counted."""
    peers: list[dict[str, object]] = [
        {"peer": f"CT{n}", "state": "learning", "words": "known for 2 days"} for n in range(10)
    ]
    shown = text(status(rejected(), peers=[{"peer": "MR3", "state": "rejected", "words": "told above"}, *peers]))
    assert "\N{EN DASH} LEARNING  CT0   known for 2 days" in shown
    assert "told above" not in shown
    assert "  and 2 more peers that are not as usual." in shown


def test_long_sentence() -> None:
    """A sentence without room for the time beside it has the time below it."""
    lines = text(status(sentence="word " * 30)).splitlines()
    assert "03:21 CET, gw-1" == lines[2].strip()


def test_yesterday() -> None:
    """What began on another day says on which."""
    assert "since Fri 02:21 (1 d 1 h)" in text(status(case(since=NOW - 90000)))
