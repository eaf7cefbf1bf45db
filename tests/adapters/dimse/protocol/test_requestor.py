"""The state machine of the requestor: conversations, each state with each event, and any order of events."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.associate import ContextResult, encode_accept
from adapters.dimse.protocol.association import Close, StartTimer, StopTimer
from adapters.dimse.protocol.command import CommandField, Response
from adapters.dimse.protocol.events import (
    Abort,
    AbortReason,
    AbortRequest,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    Disconnected,
    Fragment,
    Invalid,
    ReleaseRp,
    ReleaseRq,
    TimerExpired,
)
from adapters.dimse.protocol.exchange import Send
from adapters.dimse.protocol.pdu import encode_abort, encode_reject
from adapters.dimse.protocol.proposing import RELEASE_RQ as OUR_RELEASE_RQ
from adapters.dimse.protocol.proposing import Agreement, Proposed, encode_proposal
from adapters.dimse.protocol.requestor import (
    LOCAL,
    PEERS,
    Agreed,
    Associate,
    Command,
    Connect,
    Connected,
    Ended,
    Ending,
    Event,
    Release,
    Requestor,
    State,
)
from adapters.dimse.protocol.requests import Ask, Data
from gateway.contract.errors import LocalProtocolError
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, RELEASE_RP, VERIFICATION, command_set

PROPOSED = Proposed("CALLED", "CALLING", {1: (VERIFICATION, IMPLICIT), 3: (CT, EXPLICIT)})
RQ = encode_proposal(PROPOSED)
AC = encode_accept(RQ, [ContextResult(1, 0, IMPLICIT), ContextResult(3, 4, EXPLICIT)], 16384, [])
RJ = encode_reject(1, 1, 7)
ECHO = Ask(1, CommandField.C_ECHO_RQ, VERIFICATION)
STORE = Ask(3, CommandField.C_STORE_RQ, CT, "1.2.3", has_data_set=True)
RSP = Fragment(1, True, True, memoryview(command_set(e0100=0x8030, e0120=1, e0800=0x101, e0900=0)))
NOISE = Fragment(1, True, True, memoryview(b"noise"))
ABORT = Send(encode_abort(0))
UNEXPECTED = Send(encode_abort(2, AbortReason.UNEXPECTED_PDU))

TO_STATE: dict[State, tuple[Event, ...]] = {
    State.CLOSED: (),
    State.CONNECTING: (Associate(),),
    State.AWAITING_ANSWER: (Associate(), Connected()),
    State.ESTABLISHED: (Associate(), Connected(), AssociateAc(AC)),
    State.RELEASING: (Associate(), Connected(), AssociateAc(AC), Release()),
    State.BOTH_RELEASING: (Associate(), Connected(), AssociateAc(AC), Release(), ReleaseRq()),
    State.CLOSING: (Associate(), Connected(), AssociateAc(AC), AbortRequest()),
}

Row = tuple[State, Event, Sequence[Command], State]
ROWS: dict[str, Row] = {
    "AE-1": (State.CLOSED, Associate(), [Connect()], State.CONNECTING),
    "AE-2": (State.CONNECTING, Connected(), [Send(RQ)], State.AWAITING_ANSWER),
    "AE-3": (State.AWAITING_ANSWER, AssociateAc(AC), [Agreed(Agreement({1: 0, 3: 4}, 16384))], State.ESTABLISHED),
    "AA-8, no room for a message": (
        State.AWAITING_ANSWER,
        AssociateAc(encode_accept(RQ, [ContextResult(1, 0, IMPLICIT)], 6, [])),
        [Send(encode_abort(2, AbortReason.INVALID_PARAMETER)), StartTimer(), Ended(Ending.NO_ROOM)],
        State.CLOSING,
    ),
    "AE-4": (State.AWAITING_ANSWER, AssociateRj(RJ), [Ended(Ending.REJECTED, (1, 1, 7)), Close()], State.CLOSED),
    "nobody there": (State.CONNECTING, Disconnected(), [Ended(Ending.NOT_CONNECTED)], State.CLOSED),
    "AA-2 before there is a connection": (
        State.CONNECTING,
        AbortRequest(),
        [Ended(Ending.ABORTED_HERE), Close()],
        State.CLOSED,
    ),
    "AR-1": (State.ESTABLISHED, Release(), [Send(OUR_RELEASE_RQ)], State.RELEASING),
    "AR-2, AR-4": (
        State.ESTABLISHED,
        ReleaseRq(),
        [Send(RELEASE_RP), StartTimer(), Ended(Ending.PEER_RELEASED)],
        State.CLOSING,
    ),
    "AR-3": (State.RELEASING, ReleaseRp(), [Ended(Ending.RELEASED), Close()], State.CLOSED),
    "AR-6, late": (State.RELEASING, RSP, [], State.RELEASING),
    "AR-8, AR-9: both release": (State.RELEASING, ReleaseRq(), [Send(RELEASE_RP)], State.BOTH_RELEASING),
    "AR-3 behind it": (State.BOTH_RELEASING, ReleaseRp(), [Ended(Ending.RELEASED), Close()], State.CLOSED),
    "a release that was not asked for": (
        State.ESTABLISHED,
        ReleaseRp(),
        [UNEXPECTED, StartTimer(), Ended(Ending.UNEXPECTED_PDU)],
        State.CLOSING,
    ),
    "AA-1": (State.ESTABLISHED, AbortRequest(), [ABORT, StartTimer(), Ended(Ending.ABORTED_HERE)], State.CLOSING),
    "AA-3, its provider": (
        State.ESTABLISHED,
        Abort(2, 6),
        [Ended(Ending.PEER_ABORTED, (2, 6)), Close()],
        State.CLOSED,
    ),
    "AA-4": (State.ESTABLISHED, Disconnected(), [Ended(Ending.DISCONNECTED), Close()], State.CLOSED),
    "AA-8, another acceptance": (
        State.ESTABLISHED,
        AssociateAc(AC),
        [UNEXPECTED, StartTimer(), Ended(Ending.UNEXPECTED_PDU)],
        State.CLOSING,
    ),
    "AA-8, no PDU": (
        State.AWAITING_ANSWER,
        Invalid(AbortReason.UNRECOGNIZED_PDU),
        [Send(encode_abort(2, AbortReason.UNRECOGNIZED_PDU)), StartTimer(), Ended(Ending.NO_PDU)],
        State.CLOSING,
    ),
    "AA-8, no response": (
        State.ESTABLISHED,
        NOISE,
        [Send(encode_abort(2, AbortReason.INVALID_PARAMETER)), StartTimer(), Ended(Ending.NO_RESPONSE)],
        State.CLOSING,
    ),
    "AA-6": (State.CLOSING, ReleaseRq(), [], State.CLOSING),
    "AA-7": (State.CLOSING, AssociateRq(RQ), [UNEXPECTED], State.CLOSING),
    "AA-2 after ARTIM": (State.CLOSING, TimerExpired(), [StopTimer(), Close()], State.CLOSED),
    "AR-5": (State.CLOSING, Disconnected(), [StopTimer(), Close()], State.CLOSED),
    "what our side asks for too late": (State.CLOSING, ECHO, [], State.CLOSING),
}


def in_state(state: State) -> Requestor:
    """Return a requestor in *state*."""
    requestor = Requestor(PROPOSED)
    for event in TO_STATE[state]:
        requestor.handle(event)
    assert state is requestor.state
    return requestor


@pytest.mark.parametrize(("before", "event", "commands", "after"), ROWS.values(), ids=ROWS)
def test_transitions(before: State, event: Event, commands: Sequence[Command], after: State) -> None:
    """An event in a state leads to these commands, in this order, and to the next state."""
    requestor = in_state(before)
    assert list(commands) == requestor.handle(event)
    assert after is requestor.state


def test_answer_in_front_of_the_end() -> None:
    """A response is given before what ends the association, so that it is not lost."""
    requestor = in_state(State.ESTABLISHED)
    requestor.handle(ECHO)
    commands = [command for event in (RSP, Abort()) for command in requestor.handle(event)]
    assert [Response, Ended, Close] == [type(each) for each in commands]


EVERY: dict[type[Event], Event] = {
    type(each): each
    for each in (
        AssociateRq(RQ), AssociateAc(AC), AssociateRj(RJ), RSP, ReleaseRq(), ReleaseRp(), Abort(),
        Invalid(AbortReason.UNRECOGNIZED_PDU), Disconnected(), TimerExpired(), AbortRequest(),
    )
}  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", EVERY.values(), ids=lambda event: type(event).__name__)
def test_no_peer_can_make_it_raise(state: State, event: Event) -> None:
    """Whatever a peer does in whatever state is an event like any other."""
    in_state(state).handle(event)


@pytest.mark.parametrize("state", [State.CONNECTING, State.AWAITING_ANSWER])
def test_our_own_fault(state: State) -> None:
    """What our own side may not ask for raises."""
    with pytest.raises(LocalProtocolError):
        in_state(state).handle(ECHO)


def test_all_events_of_peers_are_tried() -> None:
    """A new kind of PDU needs a row above."""
    assert set(PEERS) <= set(EVERY)
    assert not set(LOCAL) & set(EVERY)


EVENTS = st.sampled_from(
    [*EVERY.values(), NOISE, Associate(), Connected(), ECHO, STORE, Data(b"ab", is_end=True), Release()]
)


@given(st.lists(EVENTS, max_size=30))
def test_any_order_of_events(events: list[Event]) -> None:
    """Nothing but our own faults raises; the end is told once, and nothing is asked of a socket behind the close."""
    requestor = Requestor(PROPOSED)
    told: list[Command] = []
    for event in (Associate(), *events):
        try:
            told += requestor.handle(event)
        except LocalProtocolError:
            assert isinstance(event, (*LOCAL,))
    told += requestor.handle(AbortRequest())
    told += requestor.handle(TimerExpired())
    assert State.CLOSED is requestor.state
    assert 1 == [type(each) for each in told].count(Ended)
    assert 1 >= [type(each) for each in told].count(Close)
    closed_at = next((at for at, each in enumerate(told) if isinstance(each, Close)), len(told))
    assert not [each for each in told[closed_at:] if isinstance(each, Send | Response | Agreed | StartTimer)]
