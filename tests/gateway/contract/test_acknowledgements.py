"""Acknowledgements go from listeners to destinations."""

from gateway.contract.acknowledgements import Acknowledgements


def test_told() -> None:
    """Everyone who listens is told, with the peer's address."""
    told: list[tuple[bytes, str]] = []
    acknowledgements = Acknowledgements()
    acknowledgements.tell(b"nobody listens", "10.0.0.1")
    for _ in range(2):
        acknowledgements.subscribe(lambda block, peer_ip: told.append((block, peer_ip)))
    acknowledgements.tell(b"MSH", "10.0.0.1")
    assert [(b"MSH", "10.0.0.1")] * 2 == told
