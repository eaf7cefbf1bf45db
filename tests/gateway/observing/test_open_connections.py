"""Open connections: whose they are."""

from gateway.observing.open_connections import OpenConnections


def test_by_peer() -> None:
    """A connection is that of who sent over it last; a silent one, of the only known peer at its address."""
    connections = OpenConnections()
    for port in (1, 2, 3):
        connections.opened("lab", f"::1:{port}")
    connections.names("lab", "::1:1", "A")
    connections.names("lab", "::1:9", "A")
    assert connections.by_peer({("lab", "A"): "::1"})["lab", "A"] == 3
    assert connections.by_peer({("lab", "A"): "::1", ("lab", "B"): "::1"})["lab", "A"] == 1
    assert connections.by_peer({("other", "A"): "::1"})["other", "A"] == 0
    connections.closed("lab", "::1:1")
    assert connections.by_peer({("lab", "A"): "::1", ("lab", "B"): "::1"})["lab", "A"] == 0
