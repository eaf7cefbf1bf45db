"""Instants as the stores write them."""

from datetime import UTC, datetime, timedelta, timezone

from gateway.sandbox.clock import now, rfc3339


def test_rfc3339() -> None:
    """An instant is written in UTC and in fixed width."""
    moment = datetime(2024, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(moment) == "2023-12-31T23:00:00.000000Z"


def test_now() -> None:
    """The present is written so that it can be read back."""
    before = datetime.now(UTC)
    assert timedelta(0) <= datetime.fromisoformat(now()) - before < timedelta(minutes=1)
