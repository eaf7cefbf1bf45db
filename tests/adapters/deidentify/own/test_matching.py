"""The quick search finds what the plain one finds, and nothing else."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.deidentify.own.matching import Matcher
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.own.terms import of_date
from tests.adapters.deidentify.own.plain import PlainIdentifiers

NAMES = ("Müller-Schön^Änne^Li", "Ng^Wei", "山田^太郎", "O'Neil^Jo", "Łucja^Ærø", "Smith^John")
NUMBERS = ("000-48 1516", "MRN7423501", "AB.12.C9", "42", "000", "0042", "፩፪፫፬", "617-555-0199", "12 Elm Road")
DATES = ("19540307", "2000-01-02", "20051231", "00010203")
PIECES = st.sampled_from(
    ("Muller", "SCHOEN", "Änne", "li", "Ng", "Wei", "山田", "太郎", "o'neil", "jo", "aeroe", "Łucja", "smithson",
     "john",
     "48", "1516", "481516", "0481516", "7423501", "42", "042", "000", "0000", "12", "c9", "C9", "elm", "road", "፩፪፫፬",
     "617",
     "5550199", "1954", "54", "03", "3", "07", "7", "7th", "mar", "March", "mars", "19540307", "195403071011",
     "07031954",
     "2000", "00", "01", "2", "31", "dec", "05", "0001", "²", "٤", "x", "é", "U21pdGg=",
     "NDgxNTE2", "536d697468",
     "%53mith", "&#83;mith", "=53mith", "\\u0053mith", "S\0m\0i\0t\0h\0", "xyU21pdGggSm9obg"))  # fmt: skip
MARKS = st.sampled_from(("", " ", "-", ".", "/", "^", "_", ", ", "\n", "\0", "a"))
TEXTS = st.lists(st.tuples(PIECES, MARKS), max_size=8).map(lambda parts: "".join(map("".join, parts)))


def both() -> tuple[OwnIdentifiers, PlainIdentifiers]:
    """Return the same identifiers for either search."""
    quick, plain = OwnIdentifiers(), PlainIdentifiers()
    for own in (quick, plain):
        for name in NAMES:
            own.add_name(name)
        for number in NUMBERS:
            own.add_number(number)
        for day in DATES:
            own.add_date(day)
    return quick, plain


QUICK, PLAIN = both()


@settings(max_examples=100)
@given(st.lists(TEXTS, max_size=5))
@example(["42"])
@example(["0000", "000"])
@example(["7.3.54", "7 3", "54"])
@example(["3. 617-555-0199", "7 423 501 2"])
def test_same_as_the_plain_search(values: list[str]) -> None:
    """Of several values the same ones are found, whatever they are made of."""
    assert QUICK.found_in(values) == [place for place, value in enumerate(values) if PLAIN.is_in(value)]


@given(st.text(max_size=80), PIECES, st.text(max_size=80))
def test_same_beside_any_text(before: str, piece: str, after: str) -> None:
    """Neither does another text beside it change what is found."""
    value = before + piece + after
    assert QUICK.is_in(value) == PLAIN.is_in(value)


@given(st.dates())
def test_each_spelling(day: date) -> None:
    """What is decided by sets does not pass over a spelling of a date."""
    matcher = Matcher((), (), (), (), [day])
    for spelling in of_date(day):
        assert matcher.is_in([spelling])
        assert matcher.is_in(["x", f"a {spelling} b"])


@pytest.mark.parametrize(
    ("form", "is_in"),
    [
        ("smith", True),
        ("smiths", False),
        ("ng wei", True),
        ("ng", False),
        ("a 4 8 1 b", True),
        ("4812", False),
        ("00481", True),
        ("x481x", True),
        ("longname", True),
        ("xl o n g n a m ex", True),
        ("ab", True),
        ("ab c", False),
    ],
)
def test_terms(form: str, is_in: bool) -> None:
    """Words stand alone, long ones and numbers are found inside, short ones only as a whole."""
    matcher = Matcher({"smith", "ng wei"}, {"longname"}, {"ab"}, {"481"}, ())
    assert matcher.is_in([form]) is is_in
    assert matcher.is_in([]) is False


@pytest.mark.parametrize(
    ("form", "is_in"),
    [
        ("3 2 030 555 01 99", True),
        ("3 555 01 99", True),
        ("72 0 5550199 4", True),
        ("3 555 01 994", False),
        ("35550 199", False),
        ("1 2 3 4", False),
    ],
)
def test_groups(form: str, is_in: bool) -> None:
    """A long number in groups is found between other numbers; a short one is not, as any list may have its digits."""
    matcher = Matcher((), (), (), {"0305550199", "5550199", "123"}, ())
    assert matcher.is_in([form]) is is_in


def test_values_do_not_run_into_each_other() -> None:
    """A row of words, or a number, is in one text and not in two."""
    matcher = Matcher({"ng wei"}, (), (), {"481"}, [date(1954, 3, 7)])
    assert not matcher.is_in(["ng", "wei", "4", "81", "7 3", "1954"])
