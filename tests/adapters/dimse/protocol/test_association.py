"""The state machine as tables, total, and compared with PS3.8 table 9-10 as pynetdicom has it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.fsm import TRANSITION_TABLE

from adapters.dimse.protocol.associate import decode_proposal
from adapters.dimse.protocol.association import (
    TRANSITIONS,
    Accepted,
    Acceptor,
    Close,
    Command,
    Ended,
    Ending,
    Rejected,
    StartTimer,
    State,
    StopTimer,
)
from adapters.dimse.protocol.events import (
    EVENTS,
    Abort,
    AbortReason,
    AbortRequest,
    Answer,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    Disconnected,
    Event,
    Fragment,
    Invalid,
    ReleaseRp,
    ReleaseRq,
    TimerExpired,
    Turn,
)
from adapters.dimse.protocol.exchange import Begin, Send
from adapters.dimse.protocol.negotiation import Policy, Refusal
from adapters.dimse.protocol.pdu import RELEASE_RP, PduReader
from tests.adapters.dimse.raw_peer import (
    CT,
    RELEASE_RQ,
    associate_rq,
    command_of,
    command_set,
    echo_rq,
    store_rq,
)

POLICY = Policy(called_ae_titles={"HILUM"})
STORE = Fragment(3, True, True, memoryview(command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="1.2.3")))
ECHO = Fragment(1, True, True, memoryview(command_set(e0002="1.2.840.10008.1.1", e0100=0x30, e0110=9, e0800=0x101)))
DATA = Fragment(3, False, True, memoryview(b"data"))
REQUEST = AssociateRq(associate_rq())

SAMPLES: dict[type[Event], Event] = {
    AssociateRq: REQUEST,
    AssociateAc: AssociateAc(b""),
    AssociateRj: AssociateRj(b""),
    Fragment: STORE,
    ReleaseRq: ReleaseRq(),
    ReleaseRp: ReleaseRp(),
    Abort: Abort(),
    Invalid: Invalid(AbortReason.UNRECOGNIZED_PDU),
    Disconnected: Disconnected(),
    TimerExpired: TimerExpired(),
    Answer: Answer(0),
    AbortRequest: AbortRequest(),
    Turn: Turn(),
}

WAYS: dict[State, list[Event]] = {  # how to get into each state
    State.AWAITING_REQUEST: [],
    State.ESTABLISHED: [REQUEST],
    State.RELEASING: [REQUEST, STORE, DATA, ReleaseRq()],
    State.CLOSING: [REQUEST, ReleaseRq()],
    State.CLOSED: [Disconnected()],
}

ABORT_UNEXPECTED = bytes.fromhex("07000000000400000202")
ABORT_UNRECOGNIZED = bytes.fromhex("07000000000400000201")
ABORT_BY_USER = bytes.fromhex("07000000000400000000")


def acceptor_in(state: State) -> Acceptor:
    """Return an acceptor that has come into *state*."""
    acceptor = Acceptor(POLICY)
    for event in WAYS[state]:
        acceptor.handle(event)
    assert acceptor.state is state
    return acceptor


def acceptor_answering(state: State) -> Acceptor:
    """Return one that owes an answer, where that can be."""
    acceptor = acceptor_in(state)
    if state is State.ESTABLISHED:
        acceptor.handle(STORE)
        acceptor.handle(DATA)
    return acceptor


def sent(commands: list[Command]) -> list[bytes]:
    """Return what *commands* write."""
    return [command.data for command in commands if isinstance(command, Send)]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_total(state: State, event: type[Event]) -> None:
    """Every event in every state is taken without raising."""
    acceptor = acceptor_answering(state) if event is Answer else acceptor_in(state)
    acceptor.handle(SAMPLES[event])
    assert isinstance(acceptor.state, State)


EVENT_NUMBERS: dict[str, type[Event]] = {  # PS3.8 table 9-10
    "Evt3": AssociateAc,
    "Evt4": AssociateRj,
    "Evt6": AssociateRq,
    "Evt9": Answer,
    "Evt10": Fragment,
    "Evt12": ReleaseRq,
    "Evt13": ReleaseRp,
    "Evt15": AbortRequest,
    "Evt16": Abort,
    "Evt17": Disconnected,
    "Evt18": TimerExpired,
    "Evt19": Invalid,
}
# What each action of PS3.8 tables 9-6 to 9-9 does: the state afterwards, and the type of the PDU it sends.
ACTIONS: dict[str, tuple[State, int | None]] = {
    "AE-6": (State.ESTABLISHED, 2),  # with AE-7, because nobody has to be asked
    "DT-1": (State.ESTABLISHED, 4),
    "DT-2": (State.ESTABLISHED, None),
    "AR-2": (State.CLOSING, 6),  # with AR-4, because nothing is in progress
    "AR-5": (State.CLOSED, None),
    "AR-7": (State.CLOSING, 4),  # with AR-4: the answer was what the release waited for
    "AA-1": (State.CLOSING, 7),
    "AA-2": (State.CLOSED, None),
    "AA-3": (State.CLOSED, None),
    "AA-4": (State.CLOSED, None),
    "AA-5": (State.CLOSED, None),
    "AA-6": (State.CLOSING, None),
    "AA-7": (State.CLOSING, 7),
    "AA-8": (State.CLOSING, 7),
}
STATES = {state.value: state for state in State}
STANDARD = [
    (STATES[state], EVENT_NUMBERS[event], action)
    for (event, state), action in TRANSITION_TABLE.items()
    if state in STATES and event in EVENT_NUMBERS
]


@pytest.mark.parametrize(
    ("state", "event", "action"), STANDARD, ids=[f"{s.name}-{e.__name__}-{a}" for s, e, a in STANDARD]
)
def test_as_the_standard(state: State, event: type[Event], action: str) -> None:
    """Where PS3.8 table 9-10 says what happens, that happens."""
    acceptor = acceptor_answering(state) if event is Answer else acceptor_in(state)
    first = [data[0] for data in sent(acceptor.handle(SAMPLES[event]))][:1]
    assert ACTIONS[action] == (acceptor.state, first[0] if first else None)


def test_no_transition_beyond_the_standard() -> None:
    """What is listed and not in table 9-10 concerns ended associations, or our side ending the wait for a request."""
    standard = {(state, event) for state, event, _ in STANDARD}
    extra = {key for key in TRANSITIONS if key not in standard and key[0] is not State.CLOSED}
    assert {
        (State.AWAITING_REQUEST, AbortRequest),
        (State.ESTABLISHED, TimerExpired),
        (State.RELEASING, TimerExpired),
        (State.CLOSING, Answer),
        (State.CLOSING, AbortRequest),
        *((state, Turn) for state in State if state is not State.CLOSED),
    } == extra


def test_accept() -> None:
    """AE-6, AE-7: the timer stops and the peer gets its answer."""
    stop, send, accepted = Acceptor(POLICY).handle(REQUEST)
    proposal = decode_proposal(REQUEST.pdu)
    assert proposal is not None
    assert (StopTimer(), Accepted(proposal, 2)) == (stop, accepted)
    assert b"\2" == sent([send])[0][:1]


REJECTED: dict[str, tuple[str, Refusal | None, str]] = {
    "another title": ("OTHER", None, "030000000004 00 01 01 07"),
    "over the limit": ("HILUM", Refusal.LOCAL_LIMIT, "030000000004 00 02 03 02"),
    "draining": ("HILUM", Refusal.CONGESTION, "030000000004 00 02 03 01"),
    "draining comes first": ("OTHER", Refusal.CONGESTION, "030000000004 00 02 03 01"),
}


@pytest.mark.parametrize(("called", "refusal", "wire"), REJECTED.values(), ids=REJECTED)
def test_reject(called: str, refusal: Refusal | None, wire: str) -> None:
    """AE-8: the peer is told why, and has the ARTIM timer's time to hang up."""
    acceptor = Acceptor(POLICY)
    acceptor.refusal = refusal
    send, timer, rejected = acceptor.handle(AssociateRq(associate_rq(called=called)))
    assert (Send(bytes.fromhex(wire)), StartTimer()) == (send, timer)
    assert isinstance(rejected, Rejected)
    assert State.CLOSING is acceptor.state


def test_a_request_that_cannot_be_read() -> None:
    """A malformed request is aborted with "invalid parameter"; no established association ends."""
    commands = Acceptor(POLICY).handle(AssociateRq(REQUEST.pdu[:-1]))
    assert [
        Send(bytes.fromhex("07000000000400000206")),
        StartTimer(),
        Ended(Ending.PROTOCOL_ERROR, AbortReason.INVALID_PARAMETER, was_established=False),
    ] == commands


Conversation = list[tuple[Event, list[object]]]
ENDED_BY_PROTOCOL = Ended(Ending.PROTOCOL_ERROR, AbortReason.UNEXPECTED_PDU)
CONVERSATIONS: dict[str, tuple[Conversation, State]] = {
    "release": (
        [
            (ReleaseRq(), [Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED)]),
            (Disconnected(), [StopTimer(), Close()]),
        ],
        State.CLOSED,
    ),
    "release, and the peer does not hang up": (
        [
            (ReleaseRq(), [Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED)]),
            (STORE, []),
            (TimerExpired(), [StopTimer(), Close()]),
        ],
        State.CLOSED,
    ),
    "store, then release before the answer": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (ReleaseRq(), []),
            (Answer(0), [Send, Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED)]),
        ],
        State.CLOSING,
    ),
    "release before the data set ends": (
        [
            (STORE, [Begin]),
            (ReleaseRq(), [Send(ABORT_UNEXPECTED), StartTimer(), ENDED_BY_PROTOCOL]),
            (Answer(0), []),
        ],
        State.CLOSING,
    ),
    "a second store before the answer": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (STORE, []),
            (Turn(), []),
            (DATA, []),
            (Answer(0), [Send]),
            (Turn(), [Begin]),
            (Turn(), [DATA]),
            (Answer(0), [Send]),
        ],
        State.ESTABLISHED,
    ),
    "an echo before the answer": (
        [(STORE, [Begin]), (DATA, [DATA]), (ECHO, []), (Answer(0), [Send]), (Turn(), [Send]), (Turn(), [])],
        State.ESTABLISHED,
    ),
    "what comes while others wait comes behind them": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (STORE, []),
            (Answer(0), [Send]),
            (DATA, []),
            (Turn(), [Begin]),
            (Turn(), [DATA]),
        ],
        State.ESTABLISHED,
    ),
    "release behind two stores": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (STORE, []),
            (DATA, []),
            (ReleaseRq(), []),
            (Answer(0), [Send]),
            (Turn(), [Begin]),
            (Turn(), [DATA]),
            (Answer(0), [Send]),
            (Turn(), [Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED)]),
            (Turn(), []),
        ],
        State.CLOSING,
    ),
    "release in the middle of one that waits": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (STORE, []),
            (ReleaseRq(), []),
            (Answer(0), [Send]),
            (Turn(), [Begin]),
            (Turn(), [Send(ABORT_UNEXPECTED), StartTimer(), ENDED_BY_PROTOCOL]),
        ],
        State.CLOSING,
    ),
    "nonsense behind a store costs it nothing": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (DATA, []),
            (Answer(0), [Send]),
            (Turn(), [Send(ABORT_UNEXPECTED), StartTimer(), ENDED_BY_PROTOCOL]),
        ],
        State.CLOSING,
    ),
    "abort while another waits": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (STORE, []),
            (Abort(), [StopTimer(), Close(), Ended(Ending.PEER_ABORTED)]),
            (Turn(), []),
        ],
        State.CLOSED,
    ),
    "abort before the answer": (
        [
            (STORE, [Begin]),
            (Abort(), [StopTimer(), Close(), Ended(Ending.PEER_ABORTED)]),
            (Answer(0), []),
        ],
        State.CLOSED,
    ),
    "lost while a release waits": (
        [
            (STORE, [Begin]),
            (DATA, [DATA]),
            (ReleaseRq(), []),
            (Disconnected(), [StopTimer(), Close(), Ended(Ending.PEER_LOST)]),
        ],
        State.CLOSED,
    ),
    "data without a command": (
        [(DATA, [Send(ABORT_UNEXPECTED), StartTimer(), ENDED_BY_PROTOCOL]), (STORE, [])],
        State.CLOSING,
    ),
    "our side ends it": (
        [
            (AbortRequest(), [Send(ABORT_BY_USER), StartTimer(), Ended(Ending.ABORTED_HERE)]),
            (Abort(), [StopTimer(), Close()]),
        ],
        State.CLOSED,
    ),
    "noise after the end is aborted again, without a new timer": (
        [
            (ReleaseRq(), [Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED)]),
            (Invalid(AbortReason.UNRECOGNIZED_PDU), [Send(ABORT_UNRECOGNIZED)]),
        ],
        State.CLOSING,
    ),
}


@pytest.mark.parametrize(("conversation", "state"), CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_conversation(conversation: Conversation, state: State) -> None:
    """An association goes as on the wire; where only a type stands, the command's content is another test's."""
    acceptor = acceptor_in(State.ESTABLISHED)
    for event, expected in conversation:
        commands = acceptor.handle(event)
        shown = [type(c) if isinstance(e, type) else c for c, e in zip(commands, expected, strict=True)]
        assert expected == shown
    assert state is acceptor.state


@pytest.mark.parametrize(
    ("state", "ending"),
    [(State.AWAITING_REQUEST, Ending.TLS_ON_PLAIN_PORT), (State.ESTABLISHED, Ending.PROTOCOL_ERROR)],
)
def test_tls_on_a_plain_port(state: State, ending: Ending) -> None:
    """A TLS handshake is recognised only at the beginning of a connection."""
    commands = acceptor_in(state).handle(Invalid(AbortReason.UNRECOGNIZED_PDU, is_tls=True))
    assert [ending] == [each.ending for each in commands if isinstance(each, Ended)]


MESSAGES = st.one_of(
    st.just(None),  # C-ECHO
    st.binary(min_size=1, max_size=300),  # C-STORE of these octets
)


@given(st.lists(MESSAGES, max_size=6), st.integers(1, 700), st.integers(64, 400), st.data())
def test_requests_before_the_answers(
    messages: list[bytes | None], step: int, max_pdu: int, data: st.DataObject
) -> None:
    """However many are sent at once, however they are cut and whenever the answers come: each is answered in its turn.

    The data sets arrive whole, one after the other, and the release comes last.
    """
    wire = associate_rq() + b"".join(
        echo_rq(number) if octets is None else store_rq(octets, uid=f"1.2.{number}", message_id=number, max_pdu=max_pdu)
        for number, octets in enumerate(messages)
    )
    peer = Pipelined()
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)] + [RELEASE_RQ]
    for piece in pieces:
        peer.receive(piece)
        if data.draw(st.booleans()):
            peer.answer()
    while peer.acceptor.exchange.is_answering:
        peer.answer()
    expected = [octets for octets in messages if octets is not None]
    assert (list(range(len(messages))), expected) == (peer.answered, peer.data_sets)
    assert (State.CLOSING, RELEASE_RP) == (peer.acceptor.state, peer.last)
    assert not peer.acceptor.backlog.held


class Pipelined:
    """A listening side whose answers come when the test wants."""

    def __init__(self) -> None:
        self.reader, self.acceptor = PduReader(131072), Acceptor(POLICY)
        self.answered: list[int] = []
        self.data_sets: list[bytes] = []
        self.last = b""

    def receive(self, octets: bytes) -> None:
        """Take what the peer sends."""
        for event in self.reader.receive_data(octets):
            self._obey(self.acceptor.handle(event))

    def answer(self) -> None:
        """Answer the request in progress, if it is whole; then the next ones have their turn."""
        if self.acceptor.exchange.is_answering:
            self._obey(self.acceptor.handle(Answer(0)))
        while self.acceptor.has_turn:
            self._obey(self.acceptor.handle(Turn()))

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Begin():
                    assert not self.acceptor.exchange.is_answering
                    self.data_sets.append(b"")
                case Fragment():
                    self.data_sets[-1] += command.data
                case Send(octets):
                    self.last = octets
                    if octets[0] == 4:
                        self.answered.append(command_of(octets).MessageIDBeingRespondedTo)


TALK = associate_rq() + echo_rq() + store_rq(bytes(200)) + RELEASE_RQ


@given(st.data())
def test_mutated_conversation(data: st.DataObject) -> None:
    """Whatever octets of a conversation are changed, nothing raises."""
    wire = bytearray(TALK)
    for at in data.draw(st.lists(st.integers(0, len(wire) - 1), max_size=4)):
        wire[at] = data.draw(st.integers(0, 255))
    reader, acceptor = PduReader(131072), Acceptor(POLICY)
    for event in reader.receive_data(bytes(wire)):
        acceptor.handle(event)


@pytest.mark.parametrize("make", [acceptor_in, acceptor_answering], ids=["idle", "busy"])
def test_closed_is_the_end(make: Callable[[State], Acceptor]) -> None:
    """A closed association ignores every event."""
    for event in SAMPLES.values():
        assert [] == make(State.CLOSED).handle(event)
