"""Fragments in any order: a request is begun once and answered once, and a command set stays within its limit."""

from adapters.dimse.protocol.events import AbortReason, Answer, Fragment
from adapters.dimse.protocol.exchange import MAX_COMMAND_SET, Begin, Exchange, Send
from adapters.dimse.protocol.negotiation import Context
from adapters.dimse.protocol.pdu import PduReader
from tests.fuzz.source import Source

CONTEXTS = {
    1: Context("1.2.840.10008.1.1", "1.2.840.10008.1.2"),
    3: Context("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"),
}


def target(data: bytes) -> None:
    """Cut the octets into fragments on several contexts, and answer whenever that is allowed."""
    source = Source(data)
    exchange = Exchange(CONTEXTS, source.choice((0, 7, 128, 16384)))
    receiving_data = False
    while not source.is_exhausted:
        fragment = _fragment(source)
        step = exchange.take(fragment)
        if isinstance(step, AbortReason):
            return
        for command in step:
            match command:
                case Begin(request, _):
                    assert exchange.is_answer_due
                    assert request.has_data_set
                    receiving_data = True
                case Fragment():
                    assert receiving_data
                    assert not command.is_command
                    receiving_data = not command.is_last
                case Send(octets):
                    _check_sent(octets)
        assert len(exchange._command_set) <= MAX_COMMAND_SET
        if exchange.is_answer_due and not exchange.is_receiving:
            _check_sent(exchange.answer(Answer(0, "a comment")).data)
            assert not exchange.is_answer_due


def _fragment(source: Source) -> Fragment:
    context_id, control = source.choice((1, 3, 3, 5)), source.octet()
    return Fragment(context_id, bool(control & 1), bool(control & 2), memoryview(source.take()))


def _check_sent(octets: bytes) -> None:
    fragments = PduReader(1 << 24).receive_data(octets)
    assert all(isinstance(each, Fragment) and each.is_command for each in fragments)
    assert isinstance(fragments[-1], Fragment)
    assert fragments[-1].is_last
