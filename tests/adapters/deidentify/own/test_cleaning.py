"""Of a text only the words go that name somebody."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.own import cleaning
from adapters.deidentify.own.cleaning import BLOCK, cleaned
from adapters.deidentify.own.search import OwnIdentifiers


def identifiers() -> OwnIdentifiers:
    """Return those of one patient."""
    own = OwnIdentifiers()
    own.add_name("Smith^John^Quincy")
    own.add_name("Ng^Wei")
    own.add_number("4815162")
    own.add_date("19540307")
    return own


OWN = identifiers()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("", ""),
        ("all is well", "all is well"),
        ("Smith", ""),
        ("Mr. Smith, who  is\nwell", "Mr. *** who  is\nwell"),
        ("John Quincy Smith is well", "*** *** *** is well"),
        ("born March 7th , 1954 in Ohio", "born *** *** *** *** in Ohio"),
        ("no. 48 15 162 is", "no. *** *** *** is"),
        ("seen by Ng Wei today", "seen by *** *** today"),
        ("seen by Ng today", "seen by Ng today"),
        ("Smith-Jones and SMITH's", "*** and ***"),
    ],
)
def test_cleaned(text: str, result: str) -> None:
    """Words beside an identifier stay as they were, blanks and line ends too."""
    assert cleaned(OWN, text) == result


def test_across_blocks() -> None:
    """A name that lies across the end of a block is found."""
    words = ["well"] * (BLOCK - 1) + ["Ng", "Wei"] + ["well"] * BLOCK
    found = cleaned(OWN, " ".join(words)).split()
    assert found[BLOCK - 1 : BLOCK + 1] == ["***", "***"]
    assert found.count("well") == 2 * BLOCK - 1


def test_too_long_in_a_row() -> None:
    """An identifier over more words than one may take empties the text."""
    assert cleaned(OWN, "well S m i t h") == "well *** *** *** *** ***"
    assert cleaned(OWN, "no. 4 8 1 5 1 6 2") == "no. *** *** *** *** *** *** ***"
    long = OwnIdentifiers()
    long.add_number("1234567890")
    assert cleaned(long, "1 2 3 4 5 6 7 8 9 0") == ""


def test_too_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of very many words goes as a whole."""
    monkeypatch.setattr(cleaning, "MOST_WORDS", 5)
    assert cleaned(OWN, "one two three four five six") == ""


def test_read() -> None:
    """What a part of the text says counts, not how it is written."""
    assert cleaned(OWN, "Sm_ith is", lambda text: text.replace("_", "")) == "*** is"


def test_time() -> None:
    """Ten thousand words without an identifier take well under a second of processor time."""
    started = time.process_time()
    cleaned(OWN, "glucose is normal today " * 2500)
    assert time.process_time() - started < 3


@given(
    st.lists(st.sampled_from(["Smith", "is", "well", "4815162", "7", "March", "1954", "Ng", "Wei", ","]), max_size=30)
)
def test_nothing_is_left(words: list[str]) -> None:
    """Whatever the words, none that names somebody is left."""
    assert not OWN.is_in(cleaned(OWN, " ".join(words)))
