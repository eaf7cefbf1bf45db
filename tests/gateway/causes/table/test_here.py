"""What operators read of Hilum itself."""

from gateway.causes.table.here import HERE


def test_sides() -> None:
    """All of it is on our side, and each says what becomes of the messages."""
    assert {row.side for row in HERE.values()} == {"here"}
    assert all(row.effect for row in HERE.values())
