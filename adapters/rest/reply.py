"""What a store answered, as the protocol cores see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply that was read to its end, to a request that was sent to its end."""

    status: int
    headers: Mapping[str, str]
    """Names compare without regard to case."""
    body: bytes
    retry_after: float | None = None
    """Seconds the store asked us to wait."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds from *now* that a Retry-After header names (RFC 9110 10.2.3), or None when it names none."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])  # thirty years will do, and no length of digits becomes infinity
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    # RFC 5322 lets "-0000" mean "no zone known"; an HTTP-date is always in GMT.
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def read_json(body: bytes) -> object:
    """Return the JSON value in *body*, or None when there is none. Never raises."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value
