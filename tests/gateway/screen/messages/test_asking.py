"""The fields of the search form."""

import pytest

from gateway.contract.errors import ConfigError
from gateway.journal.asking import read_query
from gateway.screen.messages.asking import address_of, words_of

NOW = 1_764_383_000.0


def test_words() -> None:
    """Empty fields, and those that nobody knows, are left out."""
    fields = [("id", " C1 "), ("peer", ""), ("listener", " "), ("csrf", "x"), ("limit", "9999")]
    assert {"id": "C1"} == words_of(fields)


def test_times_in_utc() -> None:
    """A time without a zone is in UTC, whatever the zone of the machine; an age, and a zone, stay."""
    words = words_of([("since", "2h"), ("until", "2025-11-29T02:00")])
    query = read_query(words, NOW)
    assert (NOW - 7200, 1_764_381_600.0) == (query.since, query.until)
    assert {"since": "2025-11-29T02:00:00+01:00"} == words_of([("since", "2025-11-29T02:00:00+01:00")])


def test_mistake() -> None:
    """What is no time stays as it is, so that the journal can name it."""
    with pytest.raises(ConfigError, match="since: 'yesterday'"):
        read_query(words_of([("since", "yesterday")]), NOW)


def test_address() -> None:
    """The address of a page has the same search, from another place on."""
    assert "/messages" == address_of({"before": "9"})
    assert "/messages?peer=a%26b&before=7" == address_of({"peer": "a&b", "before": "9"}, 7)
