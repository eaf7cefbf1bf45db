"""Values of a search and their comparison."""

import pytest

from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.search.sql import (
    Sql,
    all_of,
    any_of,
    date_match,
    number_match,
    split_bar,
    split_values,
    token_match,
    unescaped,
)

SPLIT = {"a,b": ["a", "b"], "a\\,b,c": ["a\\,b", "c"], "": [""], ",a,": ["a"], "a\\\\,b": ["a\\\\", "b"]}


@pytest.mark.parametrize(("text", "parts"), SPLIT.items())
def test_split(text: str, parts: list[str]) -> None:
    """A comma after a backslash is part of a value."""
    assert parts == split_values(text)


def test_bar() -> None:
    """The first bar ends the system, unless it is escaped."""
    assert split_bar("a|b|c") == ["a", "b|c"]
    assert split_bar("a\\|b") == ["a\\|b"]
    assert unescaped("a\\|b\\,c\\\\") == "a|b,c\\"


def test_token() -> None:
    """The four forms of a token."""
    assert token_match("c") == Sql("code = ?", ("c",))
    assert token_match("s|c") == Sql("code = ? AND system = ?", ("c", "s"))
    assert token_match("|c") == Sql("code = ? AND system = ?", ("c", ""))
    assert token_match("s|") == Sql("system = ?", ("s",))


def test_number() -> None:
    """A number is as exact as its digits."""
    assert number_match("100").values == (99.5, 100.5)
    assert number_match("1.50").values == (1.495, 1.505)
    assert number_match("gt1.50").values == (1.5,)


@pytest.mark.parametrize("text", ["", "x", "gt", "NaN", "1e"])
def test_no_number(text: str) -> None:
    """What is not a number is a 400."""
    with pytest.raises(FhirError):
        number_match(text)


def test_no_date() -> None:
    """What is not a date is a 400."""
    with pytest.raises(FhirError):
        date_match("gtx")


def test_join() -> None:
    """Nothing of which one holds is false; nothing of which all hold is true."""
    assert (any_of([]).text, all_of([]).text) == ("0", "1")
    assert any_of([Sql("a = ?", (1,)), Sql("b")]) == Sql("(a = ? OR b)", (1,))
