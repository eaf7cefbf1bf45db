"""The fields of the search form of messages, as words of the journal and as addresses."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlencode

HERE = "/messages"
KNOWN = ("id", "uid_prefix", "peer", "listener", "destination", "outcome", "since", "until", "before")
TIMES = ("since", "until")


def words_of(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the words that have a value. A time without a zone is in UTC, as the page says."""
    given = {name: value.strip() for name, value in fields if name in KNOWN and value.strip()}
    return {name: _in_utc(value) if name in TIMES else value for name, value in given.items()}


def address_of(words: Mapping[str, str], before: int | None = None) -> str:
    """Return the address of the page of rows before a place, with the same search."""
    kept = {name: value for name, value in words.items() if name != "before"}
    if before is not None:
        kept["before"] = str(before)
    return f"{HERE}?{urlencode(kept)}" if kept else HERE


def _in_utc(text: str) -> str:
    with suppress(ValueError):
        if datetime.fromisoformat(text).tzinfo is None:
            return f"{datetime.fromisoformat(text).isoformat()}Z"
    return text  # an age, or a mistake that the journal names
