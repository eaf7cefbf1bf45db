"""What a connection waits for, which decides which time limit runs."""

import pytest

from adapters.dimse.protocol.association import Acceptor
from adapters.dimse.protocol.events import Abort, Answer, AssociateRq, Event, Fragment, ReleaseRq
from adapters.dimse.protocol.negotiation import Policy
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.phases import phase_of
from adapters.dimse.serving.watch import Phase
from tests.adapters.dimse.raw_peer import CT, associate_rq, command_set
from tests.adapters.dimse.transports import FakeTransport

STORE = command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="1.2.3")
ASSOCIATE = AssociateRq(associate_rq())
REQUEST = Fragment(3, True, True, memoryview(STORE))
PIECE, LAST = (Fragment(3, False, is_last, memoryview(b"ab")) for is_last in (False, True))

# What has happened, the octets of a PDU that has begun, why the peer is not read; and what is waited for.
PHASES: dict[str, tuple[list[Event], bytes, Hold | None, Phase]] = {
    "connected": ([], b"", None, Phase.REQUEST),
    "an association": ([ASSOCIATE], b"", None, Phase.NEXT),
    "aborted": ([ASSOCIATE, Abort()], b"", None, Phase.END),
    "released": ([ASSOCIATE, ReleaseRq()], b"", None, Phase.END),
    "in a PDU": ([ASSOCIATE], b"\4\0", None, Phase.MESSAGE),
    "in a data set": ([ASSOCIATE, REQUEST, PIECE], b"", None, Phase.MESSAGE),
    "in a data set, held up here": ([ASSOCIATE, REQUEST, PIECE], b"", Hold.STORE, Phase.ANSWER),
    "in a data set, not reading answers": ([ASSOCIATE, REQUEST, PIECE], b"", Hold.WRITE, Phase.MESSAGE),
    "an answer due": ([ASSOCIATE, REQUEST, LAST], b"", None, Phase.ANSWER),
    "an answer due, in the next PDU": ([ASSOCIATE, REQUEST, LAST], b"\4\0", None, Phase.ANSWER),
    "a request that waits": ([ASSOCIATE, REQUEST, LAST, REQUEST, Answer(0)], b"", None, Phase.ANSWER),
    "answered": ([ASSOCIATE, REQUEST, LAST, Answer(0)], b"", None, Phase.NEXT),
}


@pytest.mark.parametrize(("events", "octets", "hold", "phase"), PHASES.values(), ids=PHASES)
def test_phase(events: list[Event], octets: bytes, hold: Hold | None, phase: Phase) -> None:
    """Only the time in which the peer owes something, and is read, counts against it."""
    acceptor, reader, gate = Acceptor(Policy()), PduReader(1000), Gate(FakeTransport())
    for event in events:
        acceptor.handle(event)
    reader.receive_data(octets)
    if hold is not None:
        gate.close(hold)
    assert phase is phase_of(acceptor, reader, gate)
