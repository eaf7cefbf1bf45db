"""What commit mode requires of a durable queue: its terms and its calls. Nothing here depends on how it is stored.

A *message* is committed once and becomes one *entry* per destination. Entries that share a destination and an ordering
key are handed out one at a time, in the order committed, and so are entries that share a destination and an identity.
An entry that has both is handed out once it is the first of both. Every entry is in exactly one state::

    waiting ──▶ delivered
       │ ▲
       ▼ │ retry
     parked ──▶ discarded        (waiting ──▶ discarded too)

Only the records of delivered and discarded messages are ever removed, by :meth:`Spool.purge`. An entry that waits or is
parked can be *moved*: it is an entry of another destination then, in the same state, with another ID.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.contract.body import Body
from gateway.contract.errors import GatewayError
from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable

DAMAGED = "the spooled payload is damaged"
"""The reason to park an entry with when :meth:`Spool.intact` returns False."""


class SpoolError(GatewayError):
    """The spool itself cannot be read just now; nothing is lost, the call may be tried again."""


class SpoolDamaged(SpoolError):  # noqa: N818 - it names what happened
    """The database of the spool is not what was written; nothing more is taken from it or put into it."""


class PayloadDamaged(SpoolError):  # noqa: N818 - it names what happened
    """A payload is not, octet for octet, what was committed."""


class State(StrEnum):
    """The state of an entry."""

    WAITING = "waiting"
    PARKED = "parked"
    DELIVERED = "delivered"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a route decided for one message."""

    destinations: tuple[str, ...]
    """Names; each has its own progress."""
    key: str | None = None
    """Messages of one key are delivered in the order committed; None waits for no other. Kept as a pseudonym only."""
    identity: str | None = None
    """Names the sender and what it sent. Messages of one identity are delivered in the order committed, whatever their
    keys, and one that is sent again is recognised. Kept as a pseudonym only."""
    duplicate_window: float = 0.0
    """For this many seconds a new message with the identity and payload of the last one is its duplicate; at most the
    retention. While the last one waits, its age does not matter. 0: no duplicate is recognised."""
    by_content: bool = False
    """The identity names only the sender: the payload is a part of it as well."""

    def __post_init__(self) -> None:
        if not self.destinations:
            raise ValueError("a message without a destination would be lost")


@dataclass(frozen=True, slots=True)
class Committed:
    """The message is on stable storage; it may be acknowledged."""

    spool_id: str
    """The spool's own name for the message; if *duplicate*, that of the earlier message."""
    duplicate: bool = False
    """Every destination has it, or will: nothing new has been queued."""
    earlier: Mapping[str, State] = field(default_factory=dict)
    """By destination, what became of the same message when it was sent before: not queued again where it was delivered
    or waits; queued where it was parked or discarded. Destinations that it is new for are missing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message to be delivered to one destination, claimed by this process."""

    entry_id: str
    destination: str
    key: str | None
    """The pseudonym of the plan's key."""
    attempts: int
    """Deliveries that ended with :class:`Again` so far."""
    received_at: float
    size: int
    message: Message = field(repr=False)
    """As committed; its body is replayable, and raises PayloadDamaged rather than yield what was not committed."""
    age: float = 0.0
    """Seconds from its commit to its claim; steps of the machine's clock do not count."""
    reason: str | None = None
    """Why it was put off last."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The destination has it."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Try later; entries of its ordering key and identity wait for it."""

    reason: str
    """A fixed sentence without payload."""
    pause: float
    """Seconds until it may be claimed again. Not a point in time, so that no step of the clock can stretch it."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Kept until someone decides."""

    reason: str
    """A fixed sentence without payload."""
    hold_key: bool = False
    """Messages with the same key wait behind it."""


Settlement = Delivered | RetryLater | Parked


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries an operator means: those that match everything given."""

    destination: str | None = None
    state: State | None = None
    listener: str | None = None
    received_before: float | None = None
    """Epoch seconds."""
    entry_ids: frozenset[str] | None = None
    reason_like: str | None = None
    """Text that is in the reason."""
    control_id: str | None = None
    sop_instance_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an entry, without its payload. Nothing in it names a patient."""

    entry_id: str
    message_id: str
    destination: str
    listener: str
    state: State
    reason: str | None
    """Why it was parked, discarded or last put off."""
    attempts: int
    size: int
    received_at: float
    settled_at: float | None
    """When it reached a state other than waiting."""
    identifiers: dict[str, str]
    due_at: float | None = None
    """When a waiting entry that was put off is tried again; epoch seconds, by the wall clock as it is set now."""
    earlier_reason: str | None = None
    """Of a discarded entry: why it had been parked or put off before."""
    discarded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, and where the next page begins."""

    records: tuple[Record, ...]
    next: str | None
    """Pass it as *after* to go on; None at the end. Made of the state, where the order is by state, and an ID."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many entries were given to another destination, and how many could not be."""

    moved: int = 0
    merged: int = 0
    """The other destination had their message already, or it waited or was parked there: of two entries one is left."""
    given_up: int = 0
    """Left as they are: the other destination's entry of their message was discarded."""
    unfit: int = 0
    """Left as they are: the other destination does not take messages of their protocol."""

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(
            self.moved + other.moved,
            self.merged + other.merged,
            self.given_up + other.given_up,
            self.unfit + other.unfit,
        )

    @property
    def left(self) -> int:
        """Return how many were left as they are."""
        return self.given_up + self.unfit


@dataclass(frozen=True, slots=True)
class Total:
    """How many entries of one destination are in one state."""

    destination: str
    state: State
    count: int
    size: int
    """Octets of payload held for them."""
    oldest: float | None
    """When the first of them was received, in epoch seconds."""
    reason: str | None = None
    """Why they are in it, where the sum is of those with one reason."""


class Limit(StrEnum):
    """The setting of the spool whose limit a message would exceed."""

    MAX_BYTES = "max_bytes"
    MIN_FREE_BYTES = "min_free_bytes"


@dataclass(frozen=True, slots=True)
class Space:
    """How much a spool may still take; all in octets."""

    free: int
    """Free octets of the disk, for any program."""
    held: int
    """Octets of payload that is not delivered."""
    min_free_bytes: int
    max_bytes: int
    limit: Limit | None
    """The limit that keeps even the smallest message out; None while such a message is accepted."""


class Operations(Protocol):
    """What an operator may ask, from the daemon or from another process beside it. Any call may raise SpoolError."""

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state; cheap at any size."""

    async def totals_by_reason(self, selection: Selection) -> list[Total]:
        """Return the sums by destination, state and reason of what is selected and waits or is parked."""

    async def find(
        self, selection: Selection, after: str | None = None, limit: int = 100, *, newest: bool = False
    ) -> Page:
        """Return the records that match: parked, waiting, discarded, delivered ones, in each state the oldest first.

        Or the *newest* first, whatever their state. *after* is where the page before ended, or an entry's ID.
        """

    async def get(self, entry_id: str) -> Record | None:
        """Return one record, or None if there is no such entry."""

    async def open_body(self, entry_id: str) -> Body | None:
        """Return an entry's payload, or None once it is gone. Its chunks raise PayloadDamaged."""

    async def open_bodies(self, entry_ids: Sequence[str]) -> list[Body | None]:
        """Return the payload of each of several entries, read together; the small payloads are in memory then."""

    async def open_message(self, entry_id: str) -> Message | None:
        """Return an entry's message as its dispatcher gets it, or None once its payload is gone."""

    async def retry(self, selection: Selection) -> int:
        """Make parked entries wait again, end the pause of waiting ones; return how many. Others are left alone."""

    async def discard(self, selection: Selection, reason: str, by: str | None = None) -> int:
        """Give up parked and waiting entries for good; return how many. *reason* and who did it are recorded."""

    async def move(self, selection: Selection, to: str, protocols: Set[str]) -> Moved:
        """Give parked and waiting entries to another destination, which takes messages of these *protocols*.

        They keep their state and their place in the order; what is under way meanwhile may reach both. Each step is
        done as a whole or not at all, and to call it again goes on where an earlier call was cut off.
        """

    async def set_aside(self) -> list[str]:
        """Return the names of the spools that are damaged: nobody delivers what they hold until they are repaired."""


class Spool(Operations, Protocol):
    """The durable queue between the listeners and the destinations.

    ``claim`` and ``wait_for_work`` may raise SpoolError, too; ``commit`` and ``settle`` do not. One task at a time
    claims and waits for the entries of a destination; what is claimed may be settled by any.
    """

    async def commit(self, message: Message, plan: Plan) -> Committed | Unavailable:
        """Take the body, which may still be arriving, and return once the message is on stable storage.

        Unavailable when there is no room or the disk fails: nothing was kept. An exception of the body passes through,
        and nothing is kept either. Cancelling keeps nothing while the body arrives; after its end the message may have
        been committed all the same. The order within a key is the order in which messages became durable: a caller
        that cares waits for one before the next.
        """

    async def space(self) -> Space | None:
        """Return how much more may be committed; None while there is nothing to commit to."""

    async def claim(self, destination: str, limit: int, *, probe: bool = False) -> Sequence[Entry]:
        """Return what may be delivered now, at most one entry of an ordering key or identity; the longest ready first.

        A *probe* finds out whether the destination works: first it returns what was never tried, from another place in
        the queue each time, then what failed, each in its turn. Thus no single message decides for all others.

        A claim lives in this process only: whatever is not settled when the process ends is handed out again.
        """

    async def intact(self, entry: Entry) -> bool:
        """Compare the whole payload with what was committed; if it differs, park the entry as DAMAGED."""

    async def settle(self, entry: Entry, settlement: Settlement) -> bool:
        """Record what became of a claimed entry; False if an operator decided otherwise in the meantime.

        While the spool cannot be written it waits and tries again, for the settlement must not be forgotten. The
        entry stays claimed meanwhile.
        """

    def release(self, entry: Entry) -> None:
        """Give a claim back; nothing else changes."""

    async def wait_for_work(self, destination: str, timeout: float) -> None:  # noqa: ASYNC109 - a wait with a result either way
        """Return when a claim may find more than the last one did, or after *timeout* seconds."""

    def stop_adopting(self) -> None:
        """Adopt no more spools: this process is about to end, and those that go on running adopt them."""

    async def purge(self) -> int:
        """Remove the records whose retention has passed; return of how many messages. To be called regularly."""
