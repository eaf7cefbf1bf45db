"""The HTTP reply of a store, as the protocol cores see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.contract.records import record

MOST_OCTETS = 1024 * 1024
"""Most octets of a reply that are read for the store's verdict, in whatever format."""
MOST_NODES = 100_000
"""Most JSON values in it: the response to a request with 1,000 instances has 20,000."""
NODES = b"{", b"[", b","
"""Octets that begin a JSON value; those inside a string are counted too."""
decode = json.JSONDecoder().decode
PLAIN = b'{"', b"{\n"
"""Beginnings of an object in UTF-8: by them ``json.loads`` would find out the encoding, in twice the time."""


@record
class Reply:
    """An HTTP reply that was read to its end."""

    status: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""
    body: bytes
    retry_after: float | None = None
    """Seconds that the store asked Hilum to wait, limited by the settings."""
    whole: bool = True
    """Whether the whole request had been sent when the reply began."""
    known: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """What Hilum knows besides, for a diagnosis: ``due``, and ``path`` and ``changed_at`` of the credentials."""

    @property
    def is_early(self) -> bool:
        """Whether it is a success before the whole request was sent, which cannot be one; its body may be a refusal."""
        return self.status < 300 and not self.whole


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for the replies of one store, or of one token endpoint."""

    read_seconds: float
    """Longest silence while a reply is awaited."""
    max_reply_bytes: int
    """Largest body of a reply."""
    max_retry_after: float
    """Most seconds that a Retry-After counts for; it limits every wait that another party asks for."""


def parse_retry_after(value: str | None, now: datetime, most: float) -> float | None:
    """Return the seconds from *now* that a Retry-After header names (RFC 9110 10.2.3), or None when it names none.

    They are at most *most*: a store that asks for a day may be healthy again a second later.
    """
    seconds = None if value is None else _seconds(value, now)
    return None if seconds is None else min(seconds, most)


def _seconds(value: str, now: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])  # nine digits at most: a very long number would become infinity
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    # RFC 5322 lets "-0000" mean "no zone known"; an HTTP-date is always in GMT.
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def read_json(body: bytes, most: int = MOST_OCTETS, most_nodes: int = MOST_NODES) -> object:
    """Return the JSON value in *body*, or None when there is none. Never raises.

    A body of more than *most* octets, or of more than about *most_nodes* values, also counts as none: what a store says
    about a message is short, and a value takes a hundred times the memory of the two octets that may represent it.
    """
    size = len(body)
    if size > most or (size > most_nodes and sum(map(body.count, NODES)) > most_nodes):
        return None
    try:
        if body.startswith(PLAIN):
            value: object = decode(body.decode("utf-8", "surrogatepass"))
        else:
            value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value
