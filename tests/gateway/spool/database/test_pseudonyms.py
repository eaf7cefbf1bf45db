"""Pseudonyms and entry IDs."""

import pytest

from gateway.spool.database.pseudonyms import Pseudonyms, read_entry_id, write_entry_id

SECRET = b"s" * 32


def test_pseudonyms() -> None:
    """Equal texts have equal pseudonyms in one spool, and others in another; none shows the text."""
    one, same, other = Pseudonyms(SECRET), Pseudonyms(SECRET), Pseudonyms(b"t" * 32)
    assert one.ordering_key("4711") == same.ordering_key("4711") != other.ordering_key("4711")
    assert one.ordering_key("4711") not in (None, one.ordering_key("4712"), one.name("4711"))
    assert b"4711" not in (one.ordering_key("4711") or b"")


def test_an_identity_by_content() -> None:
    """Where only the content tells messages apart, sender and payload together make the name."""
    names = Pseudonyms(SECRET)
    assert 3 == len({names.content("a", b"1" * 32), names.content("a", b"2" * 32), names.content("b", b"1" * 32)})


def test_unordered_and_unidentified() -> None:
    """Without a key there is no pseudonym of it, and without an identity neither."""
    names = Pseudonyms(SECRET)
    assert (None, None, None) == (names.ordering_key(None), names.name(None), names.content(None, b""))


def test_text_that_was_not_decoded() -> None:
    """A key may hold octets that no character set gave a meaning."""
    assert Pseudonyms(SECRET).ordering_key(b"\xff".decode(errors="surrogateescape"))


def test_entry_ids() -> None:
    """Reading undoes writing."""
    assert ("0a1b", (17, 2)) == read_entry_id(write_entry_id("0a1b", (17, 2)))


@pytest.mark.parametrize(
    "text", ["", "x", "a-1", "a-b-c", "a-1-2-3", "a--1-2", "a-1-", "a-" + "9" * 40 + "-1", "a-²-1"]
)
def test_no_entry_ids(text: str) -> None:
    """What an operator mistypes is no entry."""
    assert None is read_entry_id(text)
