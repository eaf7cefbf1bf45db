"""The state machine: any octets and any local events, in any order, end in order."""

from adapters.dimse.protocol.association import Accepted, Acceptor, Close, Command, Ended, State
from adapters.dimse.protocol.events import (
    AbortRequest,
    Answer,
    Disconnected,
    Event,
    Fragment,
    Invalid,
    TimerExpired,
    Turn,
)
from adapters.dimse.protocol.exchange import Begin, Send
from adapters.dimse.protocol.negotiation import Policy, Refusal
from adapters.dimse.protocol.pdu import PduReader
from tests.fuzz.source import Source, cut

SENT = {2, 3, 4, 6, 7}  # A-ASSOCIATE-AC and -RJ, P-DATA-TF, A-RELEASE-RP, A-ABORT
MAX_PDU = 16384


class Conversation:
    """One association, whose caller obeys and looks whether every command may come where it does."""

    def __init__(self, refusal: Refusal | None) -> None:
        self._acceptor = Acceptor(Policy(called_ae_titles={"HILUM"}, max_pdu=MAX_PDU))
        self._acceptor.refusal = refusal
        self.established = self.ended = self.closed = False

    def handle(self, event: Event) -> None:
        """Hand *event* over and check what it leads to."""
        commands = self._acceptor.handle(event)
        for command in commands:
            self._check(command)
        assert not (self._acceptor.backlog and self.ended)
        if isinstance(event, Invalid):
            assert self._acceptor.state in (State.CLOSING, State.CLOSED)

    def answer(self) -> None:
        """Answer the request in progress, if it has come whole."""
        exchange = self._acceptor.exchange
        if exchange.is_answering and not self.ended:
            self.handle(Answer(0xA700, "later"))
            assert not exchange.is_answer_due
        while self._acceptor.has_turn:
            self.handle(Turn())

    def _check(self, command: Command) -> None:
        match command:
            case Send(data):
                assert data[0] in SENT
                assert not self.closed
            case Accepted():
                assert not self.established
                self.established = True
            case Begin() | Fragment():
                assert self.established
                assert not self.ended
            case Ended(was_established=was):
                assert not self.ended
                assert was == self.established
                self.ended = True
            case Close():
                self.closed = True


def target(data: bytes) -> None:
    """Read the octets as a stream; between its pieces, choices say what our own side does."""
    source = Source(data)
    refusal = source.choice((None, None, None, Refusal.LOCAL_LIMIT, Refusal.CONGESTION))
    sizes, acts = source.sizes() or b"\xff", source.take()
    conversation, reader = Conversation(refusal), PduReader(MAX_PDU)
    for turn, piece in enumerate(cut(source.rest(), sizes)):
        for event in reader.receive_data(piece):
            conversation.handle(event)
        _act(conversation, acts[turn % len(acts)] if acts else 0)
    conversation.handle(Disconnected())
    assert conversation.closed
    assert conversation.ended or not conversation.established


def _act(conversation: Conversation, act: int) -> None:
    match act:
        case 252:
            conversation.handle(TimerExpired())
        case 253:
            conversation.handle(AbortRequest())
        case 254:
            conversation.handle(Disconnected())
        case 255:
            pass
        case _:
            conversation.answer()
