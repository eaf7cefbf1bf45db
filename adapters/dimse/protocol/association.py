"""The state machine of an association on the listening side (PS3.8 9.2): events in, commands out.

The acceptor never requests an association or a release, so only five of the thirteen states are needed; negotiation is
immediate, so there is no Sta3 between a request and its answer.

Requests are served one at a time and in order. Hilum never negotiates an asynchronous operations window: by PS3.7
D.3.3.3 an answer without one means a window of 1 and 1, and Hilum keeps to that, whatever the peer proposes. Many peers
still send the next request before they have the answer. Requests that arrive early wait in the backlog, and so does a
release after them, until the caller sends a ``Turn``. An abort ends the association as soon as it is read, whatever
waits in the backlog; it is read late while the caller pauses reading (full queue, no memory, rate limit).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from adapters.dimse.protocol.associate import ContextResult, Proposal, decode_proposal, decode_titles, encode_accept
from adapters.dimse.protocol.backlog import Backlog
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
    Lengths,
    ReleaseRp,
    ReleaseRq,
    TimerExpired,
    Turn,
)
from adapters.dimse.protocol.exchange import Begin, Exchange, Send
from adapters.dimse.protocol.negotiation import Acceptance, Policy, Refusal, negotiate
from adapters.dimse.protocol.pdu import RELEASE_RP, SERVICE_PROVIDER, SERVICE_USER, encode_abort, encode_reject
from adapters.dimse.protocol.refused_contexts import RefusedContext, refused_contexts


class State(Enum):
    """States with readable names; the values are the names in PS3.8 9.2."""

    CLOSED = "Sta1"
    AWAITING_REQUEST = "Sta2"
    ESTABLISHED = "Sta6"
    RELEASING = "Sta8"
    CLOSING = "Sta13"

    __hash__ = object.__hash__  # Enum.__hash__ is slower, being Python code; the table is read at each event


class Ending(Enum):
    """How an association, or the wait for one, ended."""

    RELEASED = "released"
    PEER_ABORTED = "peer_aborted"
    PEER_LOST = "peer_lost"
    PROTOCOL_ERROR = "protocol_error"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    ABORTED_HERE = "aborted_here"


@dataclass(frozen=True, slots=True)
class StartTimer:
    """(Re)start the ARTIM timer."""


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Stop the ARTIM timer."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the transport connection now."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The association is established."""

    proposal: Proposal
    accepted: int
    """How many of the proposed presentation contexts were accepted."""
    refused: tuple[RefusedContext, ...] = ()
    results: tuple[ContextResult, ...] = field(default=(), compare=False)
    """The answer to each proposed presentation context, in the order of the proposal."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The association is refused."""

    proposal: Proposal
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Ended:
    """The association has ended. A message that was not received completely is void."""

    ending: Ending
    reason: AbortReason = AbortReason.NOT_SPECIFIED
    was_established: bool = True
    lengths: Lengths | None = field(default=None, compare=False)
    """The invalid length that ended the association, if that was the cause."""


Command = Send | Begin | Fragment | StartTimer | StopTimer | Close | Accepted | Rejected | Ended
Transition = tuple[State, list[Command]]


class Acceptor:
    """One association. The caller owns the socket and the ARTIM timer, executes the commands and answers each Begin."""

    def __init__(self, policy: Policy) -> None:
        self.state = State.AWAITING_REQUEST
        self.policy = policy
        self.refusal: Refusal | None = None
        """Set by the caller while every association has to be rejected."""
        self.exchange = Exchange({}, 0)
        self.backlog = Backlog()
        """Events that wait for the answer to an earlier request."""

    @property
    def has_turn(self) -> bool:
        """Whether a ``Turn`` is due."""
        return bool(self.backlog) and not self.exchange.is_answering

    def handle(self, event: Event) -> list[Command]:
        """Return the commands that follow from *event*. Raises only if the caller answers without a request."""
        action = TRANSITIONS.get((self.state, type(event)), abort)
        self.state, commands = action(self, event)
        if self.backlog and not _is_established(self):
            self.backlog.clear()
        return commands


def answer_request(acceptor: Acceptor, event: AssociateRq) -> Transition:  # AE-6, AE-7, AE-8
    """Accept or reject."""
    if acceptor.refusal is not None:
        calling, called = decode_titles(event.pdu)
        return _reject(Proposal(called, calling), acceptor.refusal)
    proposal = decode_proposal(event.pdu)
    if proposal is None:
        return abort(acceptor, Invalid(AbortReason.INVALID_PARAMETER))
    reply = negotiate(proposal, acceptor.policy)
    if isinstance(reply, Refusal):
        return _reject(proposal, reply)
    return State.ESTABLISHED, [StopTimer(), *_establish(acceptor, event.pdu, proposal, reply)]


def _reject(proposal: Proposal, refusal: Refusal) -> Transition:
    return State.CLOSING, [Send(encode_reject(*refusal.value)), StartTimer(), Rejected(proposal, refusal)]


def _establish(acceptor: Acceptor, request_pdu: bytes, proposal: Proposal, reply: Acceptance) -> list[Command]:
    acceptor.exchange = Exchange(reply.contexts, proposal.max_pdu)
    accept = encode_accept(request_pdu, reply.results, acceptor.policy.max_pdu, reply.roles)
    refused: tuple[RefusedContext, ...] = ()
    if len(reply.contexts) < len(reply.results):
        refused = refused_contexts(proposal, reply.results, acceptor.policy)
    return [Send(accept), Accepted(proposal, len(reply.contexts), refused, reply.results)]


def take_fragment(acceptor: Acceptor, event: Fragment) -> Transition:  # DT-2
    """Pass a fragment of a message to the exchange, or queue it until the earlier request is answered."""
    if acceptor.backlog or acceptor.exchange.is_answering:
        return _keep(acceptor, event)
    return _exchange(acceptor, event)


def take_turn(acceptor: Acceptor, _: Turn) -> Transition:
    """Process the first event of the backlog, if no answer is outstanding."""
    if not acceptor.has_turn:
        return acceptor.state, []
    event = acceptor.backlog.take()
    return _exchange(acceptor, event) if isinstance(event, Fragment) else _release(acceptor)


def _keep(acceptor: Acceptor, event: Fragment | ReleaseRq) -> Transition:
    acceptor.backlog.add(event)
    return acceptor.state, []


def _exchange(acceptor: Acceptor, event: Fragment) -> Transition:
    step = acceptor.exchange.take(event)
    if isinstance(step, AbortReason):
        return abort(acceptor, Invalid(step))
    return State.ESTABLISHED, [*step]


def send_answer(acceptor: Acceptor, event: Answer) -> Transition:  # DT-1
    """Respond to the request in progress."""
    return State.ESTABLISHED, [acceptor.exchange.answer(event)]


def send_last_answer(acceptor: Acceptor, event: Answer) -> Transition:  # AR-7, AR-4
    """Respond to the request in progress, then accept the release that arrived in the meantime."""
    return State.CLOSING, [acceptor.exchange.answer(event), *_RELEASE]


def agree_to_release(acceptor: Acceptor, event: ReleaseRq) -> Transition:  # AR-2, AR-4
    """Release at once if nothing is in progress, otherwise after the answers."""
    return _keep(acceptor, event) if acceptor.backlog else _release(acceptor)


def _release(acceptor: Acceptor) -> Transition:
    if acceptor.exchange.is_receiving:
        return abort(acceptor, Invalid(AbortReason.UNEXPECTED_PDU))
    if acceptor.exchange.is_answer_due:
        return State.RELEASING, []
    return State.CLOSING, [*_RELEASE]


_RELEASE: tuple[Command, ...] = (Send(RELEASE_RP), StartTimer(), Ended(Ending.RELEASED))


def abort(acceptor: Acceptor, event: Event) -> Transition:  # AA-1, AA-7, AA-8
    """Abort because the peer violated the protocol."""
    reason = event.reason if isinstance(event, Invalid) else AbortReason.UNEXPECTED_PDU
    send = Send(encode_abort(SERVICE_PROVIDER, reason))
    if acceptor.state is State.CLOSING:
        return State.CLOSING, [send]
    is_tls = acceptor.state is State.AWAITING_REQUEST and isinstance(event, Invalid) and event.is_tls
    ending = Ending.TLS_ON_PLAIN_PORT if is_tls else Ending.PROTOCOL_ERROR
    lengths = event.lengths if isinstance(event, Invalid) else None
    return State.CLOSING, [send, StartTimer(), Ended(ending, reason, _is_established(acceptor), lengths)]


def abort_here(_acceptor: Acceptor, _: AbortRequest) -> Transition:  # AA-1, requested by the local user
    """Abort the association at the request of our own side."""
    return State.CLOSING, [Send(encode_abort(SERVICE_USER)), StartTimer(), Ended(Ending.ABORTED_HERE)]


def close(acceptor: Acceptor, event: Event) -> Transition:  # AA-2 to AA-5, AR-5
    """Close the connection after an abort, a disconnect or the expiry of ARTIM."""
    commands: list[Command] = [StopTimer(), Close()]
    if _is_established(acceptor):
        ending = Ending.PEER_ABORTED if isinstance(event, Abort) else Ending.PEER_LOST
        commands.append(Ended(ending))
    return State.CLOSED, commands


def ignore(acceptor: Acceptor, _: Event) -> Transition:  # AA-6
    """Ignore the event."""
    return acceptor.state, []


def _is_established(acceptor: Acceptor) -> bool:
    return acceptor.state in (State.ESTABLISHED, State.RELEASING)


LATE = (AssociateAc, AssociateRj, Fragment, ReleaseRq, ReleaseRp, Answer, AbortRequest, Turn)

# A combination that is not listed aborts the association: AA-1, AA-7, AA-8.
TRANSITIONS: dict[tuple[State, type[Event]], Callable[..., Transition]] = {
    (State.AWAITING_REQUEST, AssociateRq): answer_request,
    (State.AWAITING_REQUEST, AbortRequest): close,
    (State.ESTABLISHED, Fragment): take_fragment,
    (State.ESTABLISHED, Answer): send_answer,
    (State.ESTABLISHED, ReleaseRq): agree_to_release,
    (State.ESTABLISHED, Turn): take_turn,
    (State.RELEASING, Answer): send_last_answer,
    **{(state, Turn): ignore for state in (State.AWAITING_REQUEST, State.RELEASING)},
    **{(state, AbortRequest): abort_here for state in (State.ESTABLISHED, State.RELEASING)},
    **{(State.CLOSING, event): ignore for event in LATE},
    **{(state, end): close for state in State for end in (Abort, Disconnected, TimerExpired)},
    **{(State.CLOSED, event): ignore for event in EVENTS},
}
