"""Timers that fire late."""

import pytest

from gateway.contract.lateness import LATE_SECONDS, is_late


@pytest.mark.parametrize(
    ("due", "now", "late"), [(10, 10, False), (10, 9, False), (10, 10.05, False), (10, 10 + 2 * LATE_SECONDS, True)]
)
def test_is_late(due: float, now: float, *, late: bool) -> None:
    """A loop that works is no more than a moment late."""
    assert late == is_late(due, now)
