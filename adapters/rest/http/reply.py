"""What a store answered, as the protocol cores see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_OCTETS = 1024 * 1024
"""Of a store's verdict, in whatever format."""
MOST_NODES = 100_000
"""Values in it: a request of 1,000 instances has 20,000 in its response."""
NODES = b"{", b"[", b","
"""What begins a value in JSON; in a text they count, too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply that was read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names compare without regard to case."""
    body: bytes
    retry_after: float | None = None
    """Seconds the store asked us to wait, as far as it is believed."""
    whole: bool = True
    """The request had been sent to its end before."""

    @property
    def is_early(self) -> bool:
        """Whether it is a success that cannot be one; a failure that hangs on it counts."""
        return self.status < 300 and not self.whole


@dataclass(frozen=True, slots=True)
class Limits:
    """What is expected of the replies of one store, or of one endpoint that gives tokens."""

    read_seconds: float
    """Longest silence while a reply is awaited."""
    max_reply_bytes: int
    """Largest body of a reply."""
    max_retry_after: float
    """Most seconds that a Retry-After is believed; every wait that another party asks for comes through here."""


def parse_retry_after(value: str | None, now: datetime, most: float) -> float | None:
    """Return the seconds from *now* that a Retry-After header names (RFC 9110 10.2.3), or None when it names none.

    They are at most *most*: a store that asks for a day may be healthy again a second later.
    """
    seconds = None if value is None else _seconds(value, now)
    return None if seconds is None else min(seconds, most)


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])  # no length of digits becomes infinity
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    # RFC 5322 lets "-0000" mean "no zone known"; an HTTP-date is always in GMT.
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def read_json(body: bytes, most: int = MOST_OCTETS, most_nodes: int = MOST_NODES) -> object:
    """Return the JSON value in *body*, or None when there is none. Never raises.

    There is none either in a body of more than *most* octets, or of about *most_nodes* values: what a store says of a
    message is short, and a value takes a hundred times the memory of the two octets that it may be written with.
    """
    if len(body) > most or sum(map(body.count, NODES)) > most_nodes:
        return None
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value
