"""The rules of one connection to a receiver, without I/O: what the sender of a message can know of it.

What happens goes in (a message is sent, its octets have left, octets came, the other side ended, time is over, the
connection is lost), events come out: at most one verdict for each message, and the answers that were passed over.

==========================================================  ===================  ==========
event                                                       verdict              connection
==========================================================  ===================  ==========
it ends while octets of the block are still ours            not sent             closed
it ends behind the block, silence, anything that is not     maybe sent           closed
an answer, an answer that names another or no message
MSA-2 is our MSH-10                                         answered             kept
MSA-2 is of a message settled on this connection            none: passed over    kept
octets while nothing is outstanding, other than stray ones  none                 not used
and answers to settled messages
==========================================================  ===================  ==========

A control ID is sent once on a connection: a late or repeated answer to the first message of that ID would be taken for
the answer to the second. With these rules no answer is ever credited to another message; a test goes through every
schedule of two messages.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.hl7.verdict import Verdict, read_verdict
from adapters.mllp.client.events import Answered, Cause, Event, MaybeSent, NotSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.events import BegunAgain, Block, Broken
from adapters.mllp.framing import MOST_STRAY, BlockEnd, Framer, frame
from gateway.contract.errors import LocalProtocolError

STORED, NOT_STORED = b"\x06", b"\x15"  # MLLP release 2
LARGEST_ANSWER = 16 * 1024 * 1024
MOST_KNOWN = 10_000
"""Most control IDs that one connection remembers; then it is used no more."""


MOST_OLD_ANSWERS = 1000
"""Most answers to settled messages between two messages."""


def _none_awaited(_: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between receivers."""

    release: int = 1
    block_end: BlockEnd = "1c0d"
    largest_answer: int = LARGEST_ANSWER
    takes_unnamed: bool = False
    """Whether an answer without MSA-2 counts. Safe only where a connection carries one message."""
    is_awaited: Callable[[bytes], bool] = _none_awaited
    """Whether a message sent on another connection waits for an answer that may come on any."""


@dataclass(slots=True)
class _Outstanding:
    message: Outgoing
    has_left: bool = False
    commit: Answered | None = None
    """The commit acknowledgement, where the application acknowledgement is waited for as well."""


@dataclass(slots=True)
class Line:
    """One connection, from its first message to its end."""

    rules: Rules = field(default_factory=Rules)
    is_closed: bool = False
    """Whether the connection ends or must be ended: nothing may be sent on it, nothing is read from it."""
    _framer: Framer = field(init=False)
    _outstanding: _Outstanding | None = None
    _idle_octets: int = 0
    """Octets since the last message was sent that are in no answer: a receiver that never stops must not keep the
    gateway busy."""
    _old_answers: int = 0
    """Answers since then that were passed over."""
    _known: dict[bytes, str] = field(default_factory=dict)
    """By control ID that was sent here: ``A`` and ``C`` for each sort of answer that came."""

    def __post_init__(self) -> None:
        """Begin to read."""
        self._framer = Framer(self.rules.largest_answer, self.rules.block_end)

    def may_send(self, control_id: bytes) -> bool:
        """Whether a message of this control ID may be sent now."""
        if self.is_closed or self._outstanding is not None or self._framer.inside_block or self._framer.has_held:
            return False
        return control_id not in self._known and len(self._known) < MOST_KNOWN

    @property
    def is_sending(self) -> bool:
        """Whether octets of a message are still ours, so that nobody can have answered it."""
        return self._outstanding is not None and not self._outstanding.has_left

    @property
    def awaits_application(self) -> bool:
        """Whether the commit acknowledgement has come, and the application acknowledgement is still waited for."""
        return self._outstanding is not None and self._outstanding.commit is not None

    def send(self, message: Outgoing) -> bytes:
        """Return the octets to write, in one piece: some receivers lose a second piece."""
        if not self.may_send(message.control_id):
            raise LocalProtocolError("the connection is busy, closed, or has carried this control ID before")
        self._known[message.control_id] = ""
        self._outstanding, self._idle_octets, self._old_answers = _Outstanding(message), 0, 0
        return frame(message.payload)

    def left(self) -> list[Event]:
        """All octets of the block have left."""
        if self._outstanding is None:
            return []
        self._outstanding.has_left = True
        if self._outstanding.message.is_unanswered:
            self._outstanding = None
        return []

    def receive_data(self, data: bytes) -> list[Event]:
        """Return what *data* tells. Never raises."""
        return [] if self.is_closed else self._read(data)

    def _read(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        self._idle_octets += len(data)
        for event in self._framer.receive_data(data):
            match event:
                case Block(payload):
                    self._idle_octets -= len(payload)
                    events += self._answer(payload)
                case Broken(fault):
                    events += self._end(f"{Cause.NOT_MLLP}: {fault}")
                case BegunAgain():
                    events += self._end(Cause.NOT_MLLP)
            if self.is_closed:
                return events
        if self._says_too_much():
            events += self._end(Cause.TOO_MUCH)
        return events

    def _says_too_much(self) -> bool:
        is_stray = self._idle_octets > MOST_STRAY and self._idle_octets - self._framer.kept > MOST_STRAY
        return is_stray or self._old_answers > MOST_OLD_ANSWERS

    def receive_eof(self) -> list[Event]:
        """Return what the end of the other side tells: nothing more can be answered."""
        return self._end(Cause.CLOSED)

    def lose(self) -> list[Event]:
        """Return what a reset tells."""
        return self._end(Cause.RESET)

    def time_out(self) -> list[Event]:
        """Return what it means that the time for the answer is over."""
        outstanding = self._outstanding
        if outstanding is not None and outstanding.commit is not None:
            self._outstanding = None  # a late application acknowledgement is passed over
            return [outstanding.commit]
        return self._end(Cause.SILENT if outstanding is None or outstanding.has_left else Cause.NOT_READING)

    def _end(self, cause: str) -> list[Event]:
        outstanding, self._outstanding, self.is_closed = self._outstanding, None, True
        if outstanding is None:
            return []
        if outstanding.commit is not None:
            return [outstanding.commit]
        if outstanding.has_left:
            return [MaybeSent(cause)]
        return [NotSent(cause if cause == Cause.NOT_READING else Cause.NOT_SENT)]

    def _answer(self, payload: bytes) -> list[Event]:
        if self.rules.release == 2:
            return self._octet(payload)
        verdict = read_verdict(payload)
        if verdict is None:
            return self._end(Cause.NO_VERDICT)
        if self._is_ours(verdict):
            return self._settle(verdict, payload)
        if verdict.named in self._known or self.rules.is_awaited(verdict.named):
            return [self._pass_over(verdict, payload)]
        return self._end(Cause.NAMES_ANOTHER if verdict.named else Cause.NAMES_NONE)

    def _is_ours(self, verdict: Verdict) -> bool:
        if self._outstanding is None:
            return False
        message = self._outstanding.message
        if not verdict.named:
            return self.rules.takes_unnamed and len(self._known) == 1
        return verdict.named in (message.control_id, message.whole_id)

    def _settle(self, verdict: Verdict, payload: bytes) -> list[Event]:
        outstanding = self._outstanding
        assert outstanding is not None  # noqa: S101  the caller has looked
        message, sort = outstanding.message, verdict.code[0]
        if not outstanding.has_left:  # only a part of the message can have been read
            outstanding.has_left = True
            return self._end(Cause.TOO_EARLY)
        if sort in self._known[message.control_id]:
            return [self._pass_over(verdict, payload)]
        self._known[message.control_id] += sort
        answered = Answered(verdict.code, payload, verdict.is_positive)
        if outstanding.commit is not None:
            commit = outstanding.commit
            answered = Answered(commit.code, commit.block, commit.is_positive, payload)
        elif message.wants_both and verdict.is_commit and verdict.is_positive:
            outstanding.commit = Answered(verdict.code, payload, verdict.is_positive, b"")
            return []
        self._outstanding = None
        return [answered]

    def _pass_over(self, verdict: Verdict, payload: bytes) -> PassedOver:
        self._old_answers += 1
        sort, before = verdict.code[0], self._known.get(verdict.named, "")
        if verdict.named in self._known:
            self._known[verdict.named] += sort * (sort not in before)
        return PassedOver(verdict.named, verdict.code, payload, is_repeated=sort in before)

    def _octet(self, payload: bytes) -> list[Event]:
        """Read a commit acknowledgement of release 2. It names no message, so only the outstanding one can be meant."""
        outstanding = self._outstanding
        if payload not in (STORED, NOT_STORED) or outstanding is None or not outstanding.has_left:
            return self._end(Cause.NO_VERDICT)
        self._outstanding = None
        return [Answered(payload.hex(), payload, payload == STORED)]
