"""Patterns with ``*``, and whether others cover one."""

import time
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.patterns import is_covered, is_match, may_meet

MATCHES: dict[str, tuple[str, str, bool]] = {
    "equal": ("ADT^A01", "ADT^A01", True),
    "another": ("ADT^A01", "ADT^A02", False),
    "case": ("adt^a01", "ADT^A01", False),
    "a beginning": ("ADT^*", "ADT^A01", True),
    "an end": ("*^A01", "ADT^A01", True),
    "nothing for the star": ("ADT*", "ADT", True),
    "a middle": ("A*^*1", "ADT^A01", True),
    "beginning and end overlap": ("ab*ba", "aba", False),
    "a middle that overlaps the end": ("*a*a", "a", False),
    "a question mark is itself": ("CT?", "CT1", False),
    "a question mark in the value": ("CT?", "CT?", True),
    "a bracket is itself": ("CT[12]", "CT1", False),
    "a bracket in the value": ("*[MPR]*", "AXIAL [MPR] 2", True),
    "a dot is itself": ("1.2", "1x2", False),
    "a line end": ("a*b", "a\r\nb", True),
    "empty": ("", "", True),
}


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES.values(), ids=MATCHES)
def test_is_match(pattern: str, text: str, expected: bool) -> None:
    """A pattern matches the whole text; nothing but the star is special."""
    assert expected == is_match(pattern, text)


GLOBS = st.text("ab*", max_size=5)
TEXTS = ["".join(each) for length in range(9) for each in product("abc", repeat=length)]
"""Texts that are long enough to distinguish such patterns, with a letter that no pattern has."""


@given(GLOBS, st.text("abc", max_size=8))
def test_matches_like_file_names(pattern: str, text: str) -> None:
    """Where only the star is special, patterns match as those of file names do."""
    assert fnmatchcase(text, pattern) == is_match(pattern, text)


@given(GLOBS, st.lists(GLOBS, max_size=3))
def test_cover_by_brute_force(pattern: str, others: list[str]) -> None:
    """What covers a pattern is what matches each of its texts: all short texts are tried."""
    expected = all(any(is_match(each, text) for each in others) for text in TEXTS if is_match(pattern, text))
    assert expected == is_covered(pattern, others)


@given(GLOBS, GLOBS)
def test_meeting_by_brute_force(pattern: str, other: str) -> None:
    """Two patterns meet where a short text matches both."""
    expected = any(is_match(pattern, text) and is_match(other, text) for text in TEXTS)
    assert expected == may_meet(pattern, other)


COVERS: dict[str, tuple[str, list[str], bool]] = {
    "itself": ("ADT^A01", ["ADT^A01"], True),
    "a wider one": ("ADT^A01", ["ADT^*"], True),
    "a narrower one": ("ADT^*", ["ADT^A01"], False),
    "everything": ("ADT^*", ["*"], True),
    "no others": ("ADT^*", [], False),
    "two stars are one": ("*", ["**"], True),
    "two together": ("a*", ["a", "a*a", "a*b", "ab*"], False),
    "an end that both have": ("*a*", ["a*", "*a"], False),
    "crossed": ("ab*ba", ["*ba", "ab"], True),
    "a middle": ("x*abc*y", ["*b*"], True),
}


@pytest.mark.parametrize(("pattern", "others", "expected"), COVERS.values(), ids=COVERS)
def test_cover(pattern: str, others: list[str], expected: bool) -> None:
    """A pattern is covered where each of its texts matches another one."""
    assert expected == is_covered(pattern, others)


def test_many_stars_end() -> None:
    """If the automata become too large, the answer is False after a short time."""
    others = [f"*{a}*{b}*{a}*" for a in "abcdefghij" for b in "klmnopqrst"]
    begin = time.process_time()
    assert not is_covered("*a*k*b*l*c*m*d*n*e*o*f*p*g*", others)
    assert time.process_time() - begin < 30
