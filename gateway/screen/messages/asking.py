"""What somebody looks for in the journal, from the fields of the search form and of its addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from gateway.contract.errors import ConfigError
from gateway.journal.query import ASKED_OUTCOMES, Query
from gateway.spool.operating.selection import read_age

HERE = "/messages"
TEXTS = ("identifier", "uid_prefix", "peer", "listener", "destination")
KNOWN = (*TEXTS, "outcome", "since", "until", "before")
LONGEST = 200
NO_TIME = "is neither an age such as 15m, 2h or 7d nor a time in UTC such as 2026-11-29T02:00"


def read_query(fields: Iterable[tuple[str, str]], now: float) -> tuple[Query, dict[str, str]]:
    """Return the query, and the fields that have a value, for the form; raises ConfigError."""
    given = {name: value.strip() for name, value in fields if name in KNOWN and value.strip()}
    query = Query(**{name: _text(given, name) for name in TEXTS})
    outcome = given.get("outcome", "")
    if outcome and outcome not in ASKED_OUTCOMES:
        raise ConfigError(f"outcome: {outcome[:LONGEST]!r} is none; the outcomes are {', '.join(ASKED_OUTCOMES)}")
    since, until = _time(given, "since", now), _time(given, "until", now)
    return replace(query, outcome=outcome, since=since, until=until, before=_place(given)), given


def address_of(given: Mapping[str, str], before: int | None = None) -> str:
    """Return the address of the page of rows before a place, with the same search."""
    words = {name: value for name, value in given.items() if name != "before"}
    if before is not None:
        words["before"] = str(before)
    return f"{HERE}?{urlencode(words)}" if words else HERE


def _text(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "")
    if len(text) > LONGEST or not text.isprintable():
        raise ConfigError(f"{name}: is not a line of at most {LONGEST} characters; shorten it")
    return text


def _time(given: Mapping[str, str], name: str, now: float) -> float | None:
    if name not in given:
        return None
    try:
        return now - read_age(given[name])
    except ConfigError:
        pass
    try:
        when = datetime.fromisoformat(given[name])
    except ValueError:
        raise ConfigError(f"{name}: {given[name][:LONGEST]!r} {NO_TIME}") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _place(given: Mapping[str, str]) -> int | None:
    text = given.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise ConfigError("before: is not a place in the journal; open the first page again")
    return int(text)
