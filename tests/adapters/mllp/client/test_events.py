"""What a connection finds out."""

from adapters.mllp.client.events import Answered, PassedOver


def test_no_payload() -> None:
    """An event in a log or a traceback shows nothing of an answer."""
    assert "SECRET" not in f"{Answered('AA', b'SECRET', True, b'SECRET')}{PassedOver(b'SECRET', 'AA', b'SECRET')}"
