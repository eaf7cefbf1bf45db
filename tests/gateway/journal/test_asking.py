"""What somebody asks for, in words."""

from datetime import UTC, datetime

import pytest

from gateway.contract.errors import ConfigError
from gateway.journal.asking import read_query
from gateway.journal.query import Query

NOW = 1_800_000_000.0


def test_words() -> None:
    """Every word has its place in the query; an empty one asks for nothing."""
    words = {"id": "C1", "peer": "CT1", "listener": "ct", "destination": "pacs", "outcome": "not_stored"}
    query = read_query({**words, "since": "2h", "until": "2027-01-15T08:00Z", "before": "77", "limit": "9"}, NOW)
    until = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()
    assert Query("C1", "", "CT1", "ct", "pacs", "not_stored", NOW - 7200, until, 77, 9) == query
    assert Query(uid_prefix="1.2") == read_query({"uid_prefix": "1.2", "id": "", "limit": None, "peer": None}, NOW)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"outcome": "lost"}, "outcome: 'lost' is not known; use one of stored,"),
        ({"since": "yesterday"}, "since: 'yesterday' is not a time; write"),
        ({"until": "99999-01-01"}, "until: '99999-01-01' is not a time; write"),
        ({"before": "٣"}, "before: is not a place"),
        ({"before": "-1"}, "before: is not a place"),
        ({"limit": "0"}, "limit: is not a number from 1 to 500"),
        ({"limit": "501"}, "limit: is not a number from 1 to 500"),
        ({"limit": "1e2"}, "limit: is not a number from 1 to 500"),
        ({"id": "1", "uid_prefix": "1"}, "id, uid_prefix: exclude each other"),
        ({"peer": "x" * 201}, "peer: is longer than 200 characters"),
    ],
)
def test_mistakes(words: dict[str, str], text: str) -> None:
    """A word that is not understood is named, with what to write."""
    with pytest.raises(ConfigError, match="^" + text.replace("(", "\\(")):
        read_query(words, NOW)
