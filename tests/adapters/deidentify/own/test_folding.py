"""Texts are compared without case, accents and punctuation."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.deidentify.own.folding import folded, spaced
from tests.adapters.deidentify.own import plain


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
        ("やまだ", ["ヤマタ"]),
        ("ﾔﾏﾀﾞ", ["ヤマタ"]),
        ("٧٤٢ ७४२", ["742 742"]),
        ("S\u3164mith", ["smith"]),
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
    together = sorted(line.strip() for line in folded(texts).split("\n"))
    assert together == sorted([form for each in texts for form in spaced(each)] or [""])


LATIN = st.text(st.characters(max_codepoint=255))


@given(st.one_of(st.text(), LATIN, st.text("äÄöØþÐßæÆ\u00ad\u00b4¼ªµ \n_x")))
def test_plain_form(text: str) -> None:
    """The forms are those of the plain implementation, which folds one character after the other."""
    line = text.replace("\n", " ")
    assert set(spaced(line)) == set(plain.spaced(line))


@pytest.mark.parametrize("code", range(256))
def test_latin(code: int) -> None:
    """Each character of Latin-1, which has a table, has the forms that it has beside one of another script."""
    text = f"a{chr(code)}b".replace("\n", " ")
    assert [each.removesuffix(" 山") for each in spaced(f"{text} 山")] == list(spaced(text))
