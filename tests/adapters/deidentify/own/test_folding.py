"""Texts are compared without case, accents and punctuation."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.deidentify.own.folding import all_spaced, spaced


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Smith^John", ["smith john"]),
        ("  O'Neil-Smith. ", ["o neil smith"]),
        ("Müller", ["muller", "mueller"]),
        ("Ørsted", ["orsted", "oersted"]),
        ("Łucja", ["lucja"]),
        ("é", ["e"]),
        ("\uff33\uff2d", ["sm"]),
        ("山田", ["山田"]),
        ("a_b", ["a b"]),
        ("", [""]),
    ],
)
def test_forms(text: str, forms: list[str]) -> None:
    """At most two forms, the second with two letters for one."""
    assert list(spaced(text)) == forms


@given(st.text())
def test_again(text: str) -> None:
    """A form of a form is the same."""
    for form in spaced(text):
        assert "  " not in form
        assert form == form.strip()


@given(st.lists(st.text()))
@example(["ä", "a\u0308", "\u0308", "x"])
@example(["a\n\u0301b", "ß", "_-_", "İ"])
def test_all_at_once(texts: list[str]) -> None:
    """Texts that are folded together have the forms that each has alone."""
    assert all_spaced(texts) == ([tuple(spaced(each)) for each in texts] or [("",)])
