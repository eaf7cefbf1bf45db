"""Why a peer is not read."""

from adapters.dimse.serving.flow import Gate, Hold
from tests.transport import RecordedTransport


def test_whose_fault_it_is() -> None:
    """Unread answers are the peer's own reason for a pause; for all other reasons Hilum is responsible."""
    for hold, here in ((Hold.WRITE, False), (Hold.STORE, True), (Hold.RATE, True), (Hold.MEMORY, True)):
        gate = Gate(RecordedTransport())
        gate.close(hold)
        assert (True, here) == (gate.is_held(hold), gate.is_held_by_gateway)
        gate.open(hold)
        assert not gate.is_held_by_gateway
