"""What waits and what is parked, by destination and reason."""

from gateway.screen.spool.overview import overview
from gateway.spool import State, Total

TOTALS = [
    Total("a", State.WAITING, 5, 50, 100.0, "no answer"),
    Total("a", State.PARKED, 1, 10, 300.0, "refused"),
    Total("a", State.PARKED, 7, 70, 200.0, "no route"),
    Total("b", State.WAITING, 2, 20, 50.0, None),
    Total("b", State.WAITING, 0, 0, None, "none"),
    Total("b", State.DELIVERED, 9, 90, 1.0, None),
]


def test_order() -> None:
    """The destination with most parked messages is first, and in it the parked ones, the most first."""
    first, second = overview(TOTALS, {"a"})
    assert ("a", 8, 5, 100.0, True) == (
        first.destination,
        first.parked,
        first.waiting,
        first.oldest,
        first.is_configured,
    )
    assert ["no route", "refused", "no answer"] == [row.reason for row in first.rows]
    assert ("b", 0, 2, 50.0, False) == (
        second.destination,
        second.parked,
        second.waiting,
        second.oldest,
        second.is_configured,
    )


def test_addresses() -> None:
    """Each row leads to its entries."""
    first, second = overview(TOTALS, ())
    assert "/spool/entries?destination=a&state=parked&reason_like=no+route" == first.rows[0].address
    assert ["/spool/entries?destination=b&state=waiting"] == [row.address for row in second.rows]


def test_nothing() -> None:
    """An empty spool has nothing to show."""
    assert [] == overview([], ())
