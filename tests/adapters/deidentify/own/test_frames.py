"""Text is found in compressed frames, also with a NUL between its letters; the quick look overlooks nothing."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.own.frames import ALTERNATING, KINDS, MOST_LOOKS, FrameSearch
from adapters.deidentify.own.octets import PLAIN
from adapters.deidentify.own.terms import of_date
from tests.seeds import SEED

DAY = date(1954, 3, 7)
SEARCH = FrameSearch({"muller", "anne", "anne muller", "wei", "doe12"}, {"481516", "19540307"}, [DAY])
NUMBERS = Random(SEED).randbytes(3000)


def is_in_plainly(frame: bytes) -> bool:
    """Whether a frame contains one of them, looked for one after the other in the whole frame."""
    if _is_in_text(frame):
        return True
    return ALTERNATING in frame.translate(KINDS) and _is_in_text(frame.replace(b"\0", b""))


def _is_in_text(frame: bytes) -> bool:
    text = b" " + frame.translate(PLAIN) + b" "
    spelled = (each.encode() for each in of_date(DAY) if "1954" in each)
    inside = b"muller" in text or b"481516" in text or b"19540307" in text
    return inside or b" doe12 " in text or any(b" " + each + b" " in text for each in spelled)


@pytest.mark.parametrize(
    "text", ["Muller", "xxMULLERxx", "id481516x", "doe12", "7 Mar 1954", "1954-03-07", "7.3.1954", "19540307"]
)
def test_found(text: str) -> None:
    """Words and numbers are found anywhere, words with digits and dates alone; all between other octets as well."""
    for octets in (text.encode(), b"\xff" + text.encode() + b"\xff"):
        assert SEARCH.is_in(octets)
        assert SEARCH.is_in(NUMBERS + b"\xff" + octets + b"\xff" + NUMBERS)


@pytest.mark.parametrize("text", ["Muller", "481516", "19540307", "7 Mar 1954"])
def test_wide_letters(text: str) -> None:
    """Likewise with a NUL between their letters, if there is a word of five letters."""
    assert SEARCH.is_in(b"\xff" + f"other {text}".encode("utf-16-le") + b"\xff")


@pytest.mark.parametrize("text", ["anne", "wei", "xdoe12x", "7 Mar 54", "8 Mar 1954", "mul ler", "1954"])
def test_not_found(text: str) -> None:
    """Short words, parts of words with digits, other days are in any image by chance."""
    assert not SEARCH.is_in(b"\xff" + text.encode() + b"\xff")


def test_many_years() -> None:
    """A frame in which the year stands very often is looked through as a whole."""
    years = b"1954 " * (MOST_LOOKS + 1)
    assert not SEARCH.is_in(years)
    assert SEARCH.is_in(years + b"3 7 ")
    assert not SEARCH.is_in(b"1954 " * MOST_LOOKS)


PIECES = ["Muller", "mul", "ler", "481516", "7", "Mar", "1954", "03", "07", "doe12", " ", "\0", "\xff", "-", "xyz", "1"]


@given(st.lists(st.sampled_from(PIECES)), st.booleans())
def test_as_plainly(pieces: list[str], is_wide: bool) -> None:
    """The quick look changes no result."""
    text = "".join(pieces)
    frame = text.encode("utf-16-le") if is_wide else text.encode("latin-1")
    assert SEARCH.is_in(frame) == is_in_plainly(frame)
