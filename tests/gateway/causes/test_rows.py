"""A row's texts are filled in with what is known."""

import pytest

from gateway.causes.rows import Row, fill, names_in

TEXTS = ("{a} and {b}", "only {a}", "nothing")


@pytest.mark.parametrize(
    ("facts", "text"),
    [({"a": "1", "b": "2"}, "1 and 2"), ({"a": "1"}, "only 1"), ({"b": "2"}, "nothing"), ({}, "nothing")],
)
def test_first_that_is_known(facts: dict[str, str], text: str) -> None:
    """The first of the texts is taken whose names are all known."""
    assert fill(TEXTS, facts) == text


def test_last_is_never_an_error() -> None:
    """A name that is missing even in the last text is a question mark: a status with a gap is better than none."""
    assert fill("needs {this}, has {that}", {"that": "it"}) == "needs ?, has it"


def test_values_are_not_templates() -> None:
    """Braces in a value, which a peer may have chosen, are text."""
    assert fill("{a}", {"a": "{b} {0} {a.__class__}"}) == "{b} {0} {a.__class__}"


def test_names() -> None:
    """The names of a template are found; text without braces has none."""
    assert names_in("{a}{b} {a}") == {"a", "b"}
    assert names_in("none") == frozenset()


def test_texts_of_a_row() -> None:
    """A row lists each of its texts with the alternatives."""
    row = Row("stopped", "store", "title", ("why {x}", "why"), "now")
    assert row.texts == (("title",), ("why {x}", "why"), ("now",), ("",))
