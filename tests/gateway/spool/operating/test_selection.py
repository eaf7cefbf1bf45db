"""The words that select entries."""

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import Selection, State
from gateway.spool.operating.selection import (
    Words,
    read_age,
    read_decision,
    read_limit,
    read_move,
    read_reason,
    read_selection,
    refuse_unknown,
)

NOW = 1_700_000_000.0
IDS = frozenset(["a-1-1"])


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604800), ("0s", 0), ("1000d", 86_400_000)]
)
def test_ages(text: str, seconds: float) -> None:
    """An age is a number and a unit."""
    assert seconds == read_age(text)


@pytest.mark.parametrize(
    "text", ["", "90", "s", "-1s", "1.5h", "2 h", "2w", "2H", "1h30m", "²s", "\u0661s", "9" * 10 + "s"]
)
def test_no_ages(text: str) -> None:
    """Anything else is refused, with examples of what is right."""
    with pytest.raises(ConfigError, match=r"^older_than: .*90s, 15m, 2h or 7d"):
        read_age(text)


SELECTIONS: dict[str, tuple[Words, Selection]] = {
    "nothing": ({}, Selection()),
    "destination": ({"destination": "store"}, Selection(destination="store")),
    "state": ({"state": "delivered"}, Selection(state=State.DELIVERED)),
    "listener": ({"listener": "adt"}, Selection(listener="adt")),
    "age": ({"older_than": "2h"}, Selection(received_before=NOW - 7200)),
    "ids": ({"ids": ["a-1-1", "a-1-1"]}, Selection(entry_ids=IDS)),
    "a reason": ({"reason_like": "refused"}, Selection(reason_like="refused")),
    "a control ID": ({"control_id": "C1"}, Selection(control_id="C1")),
    "an instance": ({"sop_instance_uid": "1.2"}, Selection(sop_instance_uid="1.2")),
    "all of them": (
        {"destination": "store", "state": "parked", "listener": "adt", "older_than": "1s", "ids": ["a-1-1"]},
        Selection("store", State.PARKED, "adt", NOW - 1, IDS),
    ),
}


@pytest.mark.parametrize(("words", "selection"), SELECTIONS.values(), ids=SELECTIONS)
def test_selections(words: Words, selection: Selection) -> None:
    """Each word narrows the selection."""
    assert selection == read_selection(words, NOW)


DECISIONS: dict[str, tuple[Words, Selection]] = {
    "all with a reason": ({"all": True, "reason_like": "no"}, Selection(state=State.PARKED, reason_like="no")),
    "a destination": ({"destination": "store"}, Selection("store", State.PARKED)),
    "all of a destination": ({"all": True, "destination": "store"}, Selection("store", State.PARKED)),
    "another state": ({"destination": "a", "state": "waiting"}, Selection("a", State.WAITING)),
    "ids, in any state": ({"ids": ["a-1-1"]}, Selection(entry_ids=IDS)),
    "ids, in one state": ({"ids": ["a-1-1"], "state": "parked"}, Selection(state=State.PARKED, entry_ids=IDS)),
    "all, but ids": ({"all": True, "ids": ["a-1-1"]}, Selection(entry_ids=IDS)),
}


@pytest.mark.parametrize(("words", "selection"), DECISIONS.values(), ids=DECISIONS)
def test_decisions(words: Words, selection: Selection) -> None:
    """A decision is about parked entries, unless a state or IDs are given."""
    assert selection == read_decision(words, NOW)


MISTAKES: dict[str, tuple[Words, str]] = {
    "nothing": ({}, "nothing is selected; give ids, destination, state, listener, older_than, reason_like, control_id"),
    "all of them": ({"all": True}, "all: means the entries of every destination; add destination or reason_like"),
    "all of some age": ({"older_than": "0s"}, "older_than: means the entries of every destination; add destination"),
    "all in a state": ({"state": "waiting"}, "state: means the entries of every destination; add destination or"),
    "not all": ({"all": False}, "nothing is selected"),
    "all is text": ({"all": "yes"}, "all: is neither true nor false; write true"),
    "all is a number": ({"all": 1}, "all: is neither true nor false; write true"),
    "a state that stays": ({"state": "delivered"}, "state: delivered entries stay as they are; choose parked"),
    "an unknown state": ({"state": "Parked"}, "state: 'Parked' is not a state; the states are waiting, parked"),
    "an empty destination": ({"destination": "", "all": True}, "destination: is not a line of text; give one or leave"),
    "an empty listener": ({"listener": "", "all": True}, "listener: is not a line of text; give one or leave"),
    "an empty state": ({"state": "", "all": True}, "state: is not a line of text; give one or leave"),
    "no destination": ({"destination": None, "all": True}, "destination: is not a line of text; give one or leave"),
    "half a character": ({"destination": "\ud800"}, "destination: is not a line of text; give one or leave"),
    "an age as a number": ({"older_than": 90}, "older_than: is not a line of text; give one or leave"),
    "no list": ({"ids": "a-1-1"}, "ids: is not a list of 1 to 1000 entry IDs; name some"),
    "an empty list": ({"ids": [], "all": True}, "ids: is not a list of 1 to 1000 entry IDs; name some"),
    "too long a list": ({"ids": ["a"] * 1001}, "ids: is not a list of 1 to 1000 entry IDs; name some"),
    "numbers": ({"ids": [1]}, "ids: is not a list of 1 to 1000 entry IDs; name some"),
}


@pytest.mark.parametrize(("words", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(words: Words, problem: str) -> None:
    """What is not understood is refused in a line that names the word and what to change; it never selects more."""
    with pytest.raises(ConfigError) as caught:
        read_decision(words, NOW)
    assert [True] == [line.startswith(problem) for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(("words", "limit"), [({}, 100), ({"limit": "1"}, 1), ({"limit": 1000}, 1000)])
def test_limits(words: Words, limit: int) -> None:
    """A page has 100 entries unless told otherwise."""
    assert limit == read_limit(words)


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "ten", "", "1.5", 0.5, True, None, "9" * 5000])
def test_no_limits(limit: object) -> None:
    """A page has at least one entry and at most a thousand."""
    with pytest.raises(ConfigError, match=r"^limit: .*write a number from 1 to 1000$"):
        read_limit({"limit": limit})


@pytest.mark.parametrize("reason", [None, "", " ", "two\nlines", "\x1b[2J", "x" * 201, 7])
def test_no_reasons(reason: object) -> None:
    """A reason is one printable line that is not too long."""
    with pytest.raises(ConfigError, match=r"^reason: "):
        read_reason({} if reason is None else {"reason": reason})


def test_reason() -> None:
    """A reason is kept without the blanks around it."""
    assert "the visit was cancelled" == read_reason({"reason": " the visit was cancelled "})


@pytest.mark.parametrize("names", [["ids", "idz"], ["ids", "ids"]])
def test_unknown_words(names: list[str]) -> None:
    """A word that is misspelt or stands twice is refused, for it would not narrow the selection as meant."""
    with pytest.raises(ConfigError, match=rf"^{names[1]}: is not known here or stands twice; known are all, ids"):
        refuse_unknown(names, ("all", "ids"))


def test_known_words() -> None:
    """Any of the known words may be left out."""
    refuse_unknown(["ids"], ("all", "ids"))


def test_moves() -> None:
    """What is moved is what waits and what is parked of one destination, unless more is said."""
    words: Words = {"from": "old", "to": "new"}
    assert (Selection("old"), "new") == read_move(words, NOW)
    narrowed = {**words, "state": "parked", "listener": "adt", "older_than": "90s", "ids": ["a-1-1"]}
    assert (Selection("old", State.PARKED, "adt", NOW - 90, IDS), "new") == read_move(narrowed, NOW)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({}, "from, to: are not both given"),
        ({"from": "old"}, "from, to: are not both given"),
        ({"from": "old", "to": ""}, "to: is not a line of text"),
        ({"from": "old", "to": "old"}, "to: is 'old', the same as from; name another destination"),
        ({"from": "old", "to": "new", "state": "delivered"}, "state: delivered entries stay as they are"),
    ],
)
def test_no_moves(words: Words, problem: str) -> None:
    """A move names two destinations, and moves nothing that somebody has decided on."""
    with pytest.raises(ConfigError) as caught:
        read_move(words, NOW)
    assert str(caught.value).startswith(problem)
