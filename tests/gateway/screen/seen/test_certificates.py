"""The certificates in use."""

from gateway.screen.seen.certificates import certificate_rows
from tests.gateway.screen.further import certificate

NOW = 1_764_383_000.0
DAY = 86_400


def test_order_and_state() -> None:
    """The one that ends first is on top; one that ends within 14 days, or has ended, says so."""
    found = certificate_rows(
        [
            certificate("valid", NOW + 14 * DAY),
            certificate("soon", NOW + 14 * DAY - 1),
            certificate("ended", NOW),
            certificate("today", NOW + 1),
        ],
        NOW,
    )
    assert [("ended", "ended", 0), ("today", "ends_soon", 0), ("soon", "ends_soon", 13), ("valid", "valid", 14)] == [
        (row.place, row.state, row.days_left) for row in found
    ]
    assert [] == certificate_rows([], NOW)
