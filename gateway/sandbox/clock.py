"""Timestamps in the format of the stores (RFC 3339)."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Return *moment* in UTC with a fixed width, so that the strings sort by time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """Return the current time."""
    return rfc3339(datetime.now(UTC))
