"""The state machine of an association on the requesting side (PS3.8 9.2): events in, commands out.

A release by the peer is answered at once, so Sta8 is not needed, nor Sta9 when both sides release at the same time;
Sta2, Sta3, Sta10 and Sta12 are states of the acceptor. The end of the association is reported exactly once, by
``Ended``, after everything that was received before it. For time-outs other than ARTIM the caller sends an
``AbortRequest``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from adapters.dimse.protocol.association import Close, StartTimer, StopTimer
from adapters.dimse.protocol.command import Response
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
    PeerEvent,
    ReleaseRp,
    ReleaseRq,
    TimerExpired,
)
from adapters.dimse.protocol.exchange import Send
from adapters.dimse.protocol.pdu import RELEASE_RP, SERVICE_PROVIDER, SERVICE_USER, encode_abort
from adapters.dimse.protocol.proposing import RELEASE_RQ, Agreement, Proposed, decode_agreement, encode_proposal
from adapters.dimse.protocol.requests import Ask, Data, Requests
from gateway.contract.errors import LocalProtocolError


class State(Enum):
    """States with readable names; the values are the names in PS3.8 9.2."""

    CLOSED = "Sta1"
    CONNECTING = "Sta4"
    AWAITING_ANSWER = "Sta5"
    ESTABLISHED = "Sta6"
    RELEASING = "Sta7"
    BOTH_RELEASING = "Sta11"
    CLOSING = "Sta13"


class Ending(Enum):
    """How an association, or the attempt to open one, ended."""

    NOT_CONNECTED = "not_connected"
    REJECTED = "rejected"
    RELEASED = "released"
    PEER_RELEASED = "peer_released"
    PEER_ABORTED = "peer_aborted"
    DISCONNECTED = "disconnected"
    NO_PDU = "no_pdu"
    """The peer's data is not a PDU, or a length in it is wrong."""
    UNEXPECTED_PDU = "unexpected_pdu"
    NO_ROOM = "no_room"
    """The longest P-DATA-TF that the peer accepts is too short for any part of a message."""
    NO_RESPONSE = "no_response"
    """The peer sent something else instead of a valid response."""
    ABORTED_HERE = "aborted_here"


@dataclass(frozen=True, slots=True)
class Associate:
    """Our side requests the association."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The transport connection is open."""


@dataclass(frozen=True, slots=True)
class Release:
    """Our side requests the release of the association."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the transport connection; the caller answers with ``Connected`` or ``Disconnected``."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The peer has accepted the association, although perhaps none of its presentation contexts."""

    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Ended:
    """The association has ended: no request can be sent, and no answer will arrive."""

    ending: Ending
    code: tuple[int, ...] = ()
    """A-ASSOCIATE-RJ: result, source and reason (PS3.8 table 9-21); A-ABORT: source and reason (table 9-26)."""


Event = PeerEvent | Disconnected | TimerExpired | Associate | Connected | Ask | Data | Release | AbortRequest
Command = Connect | Send | StartTimer | StopTimer | Close | Agreed | Response | Fragment | Ended
Transition = tuple[State, list[Command]]


class Requestor:
    """One association. The caller owns the socket and the ARTIM timer, and executes the commands."""

    def __init__(self, proposed: Proposed) -> None:
        self.state = State.CLOSED
        self.proposed = proposed
        self.requests = Requests()
        self.is_over = False
        """Whether the association was requested and has ended."""

    def handle(self, event: Event) -> list[Command]:
        """Return the commands that follow from *event*. Raises only if our own side does what the state forbids."""
        if self.state is State.CLOSED and (self.is_over or not isinstance(event, Associate)):
            return []
        action = TRANSITIONS.get((self.state, type(event)), abort)
        if action is abort and isinstance(event, LOCAL):
            raise LocalProtocolError(f"{type(event).__name__} in {self.state.name}")
        self.state, commands = action(self, event)
        self.is_over = self.is_over or any(isinstance(each, Ended) for each in commands)
        return commands


def connect(_requestor: Requestor, _: Associate) -> Transition:  # AE-1
    """Open the transport connection."""
    return State.CONNECTING, [Connect()]


def propose(requestor: Requestor, _: Connected) -> Transition:  # AE-2
    """Send the A-ASSOCIATE-RQ."""
    return State.AWAITING_ANSWER, [Send(encode_proposal(requestor.proposed))]


def establish(requestor: Requestor, event: AssociateAc) -> Transition:  # AE-3
    """Handle the A-ASSOCIATE-AC: the association is established, unless no request could be sent on it."""
    agreement = decode_agreement(event.pdu, requestor.proposed.contexts)
    if not agreement.has_room:
        return _abort(requestor, AbortReason.INVALID_PARAMETER, Ending.NO_ROOM)
    requestor.requests = Requests(agreement.max_pdu, requestor.proposed.max_pdu, agreement.contexts)
    return State.ESTABLISHED, [Agreed(agreement)]


def end_rejected(_requestor: Requestor, event: AssociateRj) -> Transition:  # AE-4
    """Report the rejection and close the connection."""
    return State.CLOSED, [Ended(Ending.REJECTED, tuple(event.pdu[7:10])), Close()]


def ask(requestor: Requestor, event: Ask) -> Transition:  # DT-1
    """Send the command set of a request."""
    return State.ESTABLISHED, [Send(requestor.requests.ask(event))]


def send_data(requestor: Requestor, event: Data) -> Transition:  # DT-1
    """Send a piece of the data set of a request."""
    return State.ESTABLISHED, [Send(requestor.requests.data(event))]


def take_fragment(requestor: Requestor, event: Fragment) -> Transition:  # DT-2, AR-6
    """Handle a fragment of a response."""
    taken = requestor.requests.take(event)
    if taken is None:
        return _abort(requestor, AbortReason.INVALID_PARAMETER, Ending.NO_RESPONSE)
    return requestor.state, [*taken]


def release(_requestor: Requestor, _: Release) -> Transition:  # AR-1
    """Send the A-RELEASE-RQ."""
    return State.RELEASING, [Send(RELEASE_RQ)]


def agree_to_release(_requestor: Requestor, _: ReleaseRq) -> Transition:  # AR-2, AR-4
    """Accept the peer's release, even if a response is outstanding: after a release request the peer sends none."""
    return State.CLOSING, [Send(RELEASE_RP), StartTimer(), Ended(Ending.PEER_RELEASED)]


def agree_to_both_releases(_requestor: Requestor, _: ReleaseRq) -> Transition:  # AR-8, AR-9
    """Answer the peer's release, which crossed ours; the peer's answer to our release follows."""
    return State.BOTH_RELEASING, [Send(RELEASE_RP)]


def end_released(_requestor: Requestor, _: ReleaseRp) -> Transition:  # AR-3
    """Close, now that both sides have released."""
    return State.CLOSED, [Ended(Ending.RELEASED), Close()]


def abort(requestor: Requestor, event: Event) -> Transition:  # AA-7, AA-8
    """Abort because the peer violated the protocol."""
    if isinstance(event, Invalid):
        return _abort(requestor, event.reason, Ending.NO_PDU)
    return _abort(requestor, AbortReason.UNEXPECTED_PDU, Ending.UNEXPECTED_PDU)


def _abort(requestor: Requestor, reason: AbortReason, ending: Ending) -> Transition:
    send = Send(encode_abort(SERVICE_PROVIDER, reason))
    if requestor.state is State.CLOSING:
        return State.CLOSING, [send]
    return State.CLOSING, [send, StartTimer(), Ended(ending)]


def abort_here(_requestor: Requestor, _: AbortRequest) -> Transition:  # AA-1
    """Abort the association at the request of our own side."""
    return State.CLOSING, [Send(encode_abort(SERVICE_USER)), StartTimer(), Ended(Ending.ABORTED_HERE)]


def give_up(_requestor: Requestor, _: AbortRequest) -> Transition:  # AA-2
    """Cancel the attempt to connect."""
    return State.CLOSED, [Ended(Ending.ABORTED_HERE), Close()]


def end_unconnected(_requestor: Requestor, _: Disconnected) -> Transition:  # AA-4
    """Report that the connection could not be opened."""
    return State.CLOSED, [Ended(Ending.NOT_CONNECTED)]


def end_aborted(_requestor: Requestor, event: Abort) -> Transition:  # AA-3
    """Close, now that the peer has aborted."""
    return State.CLOSED, [Ended(Ending.PEER_ABORTED, (event.source, event.reason)), Close()]


def end_disconnected(_requestor: Requestor, _: Disconnected) -> Transition:  # AA-4
    """Close, now that the connection is lost."""
    return State.CLOSED, [Ended(Ending.DISCONNECTED), Close()]


def close(_requestor: Requestor, _: Event) -> Transition:  # AA-2, AR-5
    """Close the connection of an association that has already ended."""
    return State.CLOSED, [StopTimer(), Close()]


def ignore(requestor: Requestor, _: Event) -> Transition:  # AA-6
    """Ignore the event."""
    return requestor.state, []


LOCAL = (Associate, Connected, Ask, Data, Release)
"""Events of our own side, apart from AbortRequest, which is always allowed."""
OPEN = (State.AWAITING_ANSWER, State.ESTABLISHED, State.RELEASING, State.BOTH_RELEASING)
LATE = (AssociateAc, AssociateRj, Fragment, ReleaseRq, ReleaseRp, Ask, Data, Release, AbortRequest)

# An event of the peer that is not listed aborts the association (AA-7, AA-8); one of our own side raises an error.
TRANSITIONS: dict[tuple[State, type[Event]], Callable[..., Transition]] = {
    (State.CLOSED, Associate): connect,
    (State.CONNECTING, Connected): propose,
    (State.CONNECTING, Disconnected): end_unconnected,
    (State.CONNECTING, AbortRequest): give_up,
    (State.AWAITING_ANSWER, AssociateAc): establish,
    (State.AWAITING_ANSWER, AssociateRj): end_rejected,
    (State.ESTABLISHED, Ask): ask,
    (State.ESTABLISHED, Data): send_data,
    (State.ESTABLISHED, Fragment): take_fragment,
    (State.ESTABLISHED, Release): release,
    (State.ESTABLISHED, ReleaseRq): agree_to_release,
    (State.RELEASING, Fragment): take_fragment,
    (State.RELEASING, ReleaseRq): agree_to_both_releases,
    (State.RELEASING, ReleaseRp): end_released,
    (State.BOTH_RELEASING, ReleaseRp): end_released,
    **{(state, Abort): end_aborted for state in OPEN},
    **{(state, Disconnected): end_disconnected for state in OPEN},
    **{(state, AbortRequest): abort_here for state in OPEN},
    **{(state, TimerExpired): ignore for state in (State.CONNECTING, *OPEN)},  # the timer was stopped too late
    **{(State.CLOSING, event): ignore for event in LATE},
    **{(State.CLOSING, end): close for end in (Abort, Disconnected, TimerExpired)},
}
PEERS = (AssociateRq, AssociateAc, AssociateRj, Fragment, ReleaseRq, ReleaseRp, Abort, Invalid)
"""Events that come from the peer."""
