"""Instants as the stores write them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Return *moment* in UTC and in fixed width, so that the order of the strings is the order of the instants."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """Return the present."""
    return rfc3339(datetime.now(UTC))
