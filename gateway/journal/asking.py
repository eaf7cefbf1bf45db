"""Reads what somebody looks for from the words of a command line or of a URL's query.

A word that is not understood is an error and is never ignored. All functions raise ConfigError, whose text names the
word and what to change.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.contract.errors import ConfigError
from gateway.journal.query import ASKED_OUTCOMES, MOST_PER_PAGE, PAGE, Query

WORDS = (
    "id",
    "uid_prefix",
    "peer",
    "listener",
    "destination",
    "outcome",
    "since",
    "until",
    "before",
    "limit",
)
"""The words that may be given, all of them texts."""
TEXTS = ("id", "uid_prefix", "peer", "listener", "destination", "outcome")
LONGEST = 200
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""The units of an age."""
TIME = "is not a time; write 2026-03-01T08:00, with Z for UTC, or an age such as 90m, 12h or 7d"


def read_query(words: Mapping[str, str | None], now: float) -> Query:
    """Return the query in *words*; ages count back from the epoch second *now*."""
    texts = {name: words.get(name) or "" for name in TEXTS}
    for name, text in texts.items():
        if len(text) > LONGEST:
            raise ConfigError(f"{name}: is longer than {LONGEST} characters; shorten it")
    if texts["id"] and texts["uid_prefix"]:
        raise ConfigError("id, uid_prefix: exclude each other; leave one of them out")
    if texts["outcome"] and texts["outcome"] not in ASKED_OUTCOMES:
        raise ConfigError(f"outcome: {texts['outcome']!r} is not known; use one of {', '.join(ASKED_OUTCOMES)}")
    return Query(
        texts["id"],
        texts["uid_prefix"],
        texts["peer"],
        texts["listener"],
        texts["destination"],
        texts["outcome"],
        _time(words, "since", now),
        _time(words, "until", now),
        _place(words),
        _limit(words),
    )


def _time(words: Mapping[str, str | None], name: str, now: float) -> float | None:
    text = words.get(name)
    if not text:
        return None
    if (age := re.fullmatch(r"(\d{1,6})([smhd])", text)) is not None:
        return now - int(age[1]) * SECONDS[age[2]]
    try:
        return datetime.fromisoformat(text).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        raise ConfigError(f"{name}: {text[:40]!r} {TIME}") from None


def _place(words: Mapping[str, str | None]) -> int | None:
    text = words.get("before")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise ConfigError("before: is not a place in the journal; use `next` of the page before")
    return int(text)


def _limit(words: Mapping[str, str | None]) -> int:
    text = words.get("limit")
    if not text:
        return PAGE
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= MOST_PER_PAGE:
        raise ConfigError(f"limit: is not a number from 1 to {MOST_PER_PAGE}")
    return int(text)
