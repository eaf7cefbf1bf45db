"""Names in character sets that their object does not name."""

import pytest

from adapters.deidentify.own.charsets import SHORTEST, in_charsets
from adapters.deidentify.own.search import OwnIdentifiers


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("山田", "gb18030"), ("山田", "shift_jis"), ("山田", "iso2022_jp"), ("山田", "utf-16-be"), ("山田", "big5"),
        ("김희중", "euc_kr"), ("김희중", "iso2022_kr"), ("Иванов", "koi8_r"), ("ИВАНОВ", "iso8859_5"),
        ("Łukasz", "iso8859_2"),
    ],
)  # fmt: skip
def test_found(name: str, charset: str) -> None:
    """Each of them is found beside other octets, and only there."""
    own = OwnIdentifiers()
    own.add_name(f"{name.title()}^Ida")
    text, other = b"CT " + name.encode(charset) + b" ab", b"CT of the head"
    assert own.in_other_charsets([other, text]) == {text}


def test_ascii() -> None:
    """A name of ASCII alone is the same in all of them, so that it is found as a text."""
    own = OwnIdentifiers()
    own.add_name("Quagmire^Ida")
    assert own.in_other_charsets([b"Quagmire"]) == frozenset()
    assert min(map(len, in_charsets(["Ül", "山田"]))) >= SHORTEST
