"""Pausing a transport for several reasons."""

from gateway.contract.backpressure import ReadGate
from gateway.contract.meter import Pause
from tests.transport import RecordedTransport


def test_two_reasons() -> None:
    """Reading is resumed when the last reason is removed."""
    gate = ReadGate[Pause](transport := RecordedTransport())
    assert [True, False, True] == [gate.close(each) for each in (Pause.QUEUE, Pause.QUEUE, Pause.RATE)]
    assert [False, False, True] == [gate.open(each) for each in (Pause.QUEUE, Pause.MEMORY, Pause.RATE)]
    assert (["pause", "resume"], False) == (transport.told, gate.is_closed)


def test_end_of_the_stream() -> None:
    """After the end of the stream the transport is not touched: some transports raise on `resume_reading`."""
    gate = ReadGate[Pause](transport := RecordedTransport())
    gate.close(Pause.QUEUE)
    gate.end()
    assert not gate.open(Pause.QUEUE)
    assert gate.close(Pause.RATE)
    assert ["pause"] == transport.told


def test_closing() -> None:
    """A transport that is closing is not touched, either."""
    gate = ReadGate[Pause](transport := RecordedTransport())
    transport.closing = True
    gate.close(Pause.MEMORY)
    gate.open(Pause.MEMORY)
    assert [] == transport.told
