"""Which entries a form or an address is about."""

from gateway.screen.spool.selecting import address_of, fields_of, filters_in, words_of
from gateway.spool.operating.requests import DECISION


def test_words() -> None:
    """A field that was left empty, or that nobody knows, is no word; all IDs are one."""
    fields = [("destination", " store "), ("state", ""), ("csrf", "x"), ("ids", "a"), ("ids", "b"), ("ids", " ")]
    assert {"destination": "store", "ids": ["a", "b"]} == words_of(fields, DECISION)
    assert {} == words_of([("ids", "a")], ("destination",))


def test_fields() -> None:
    """Words become hidden fields, from which the same words are read."""
    words = {"destination": "store", "ids": ["a", "b"]}
    assert [("destination", "store"), ("ids", "a"), ("ids", "b")] == fields_of(words)
    assert words == words_of(fields_of(words), DECISION)


def test_address() -> None:
    """An address holds the words that there are, quoted."""
    assert "/spool/entries" == address_of(destination=None, state="")
    assert "/spool/entries?reason_like=a%26b&state=parked" == address_of(reason_like="a&b", state="parked")


def test_filters() -> None:
    """What chooses a page selects no entry."""
    assert {"state": "parked"} == filters_in({"state": "parked", "after": "x", "limit": "10", "newest": "true"})
