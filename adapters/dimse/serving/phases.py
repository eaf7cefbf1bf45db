"""What a connection waits for, derived from association, reader and gate."""

from adapters.dimse.protocol.association import Acceptor, State
from adapters.dimse.protocol.pdu import PduReader
from adapters.dimse.serving.flow import Gate
from adapters.dimse.serving.watch import Phase


def phase_of(acceptor: Acceptor, reader: PduReader, gate: Gate) -> Phase:
    """Return what the connection waits for, which decides which time limit runs."""
    state, exchange = acceptor.state, acceptor.exchange
    if state is State.AWAITING_REQUEST:
        return Phase.REQUEST
    if state in (State.CLOSING, State.CLOSED):
        return Phase.END
    if not exchange.is_receiving and (exchange.is_answer_due or acceptor.backlog):
        return Phase.ANSWER  # although the next message may have begun
    if exchange.is_receiving or reader.is_mid_pdu:
        return Phase.ANSWER if gate.is_held_by_gateway else Phase.MESSAGE
    return Phase.NEXT
