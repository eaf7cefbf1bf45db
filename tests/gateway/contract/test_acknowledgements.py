"""Acknowledgements go from listeners to destinations."""

from gateway.contract.acknowledgements import Acknowledgements


def test_told() -> None:
    """The one destination whose message it can be about is told, with the peer's address."""
    asked: list[tuple[bytes, str]] = []
    credited: list[str] = []
    acknowledgements = Acknowledgements()
    acknowledgements.tell(b"nobody listens", "10.0.0.1")
    acknowledgements.subscribe(lambda block, peer_ip: asked.append((block, peer_ip)))
    acknowledgements.subscribe(lambda _, __: lambda: credited.append("lab"))
    acknowledgements.tell(b"MSH", "10.0.0.1")
    assert ([(b"MSH", "10.0.0.1")], ["lab"]) == (asked, credited)


def test_two_can_be_meant() -> None:
    """Where it can be about messages of two destinations, neither is told."""
    credited: list[str] = []
    acknowledgements = Acknowledgements()
    for name in ("lab", "ris"):
        acknowledgements.subscribe(lambda _, __, name=name: lambda: credited.append(name))  # type: ignore[misc]
    acknowledgements.tell(b"MSH", "10.0.0.1")
    assert [] == credited
