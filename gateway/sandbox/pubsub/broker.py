"""Topics and subscriptions in memory: publish, lease, acknowledge, dead letters. No I/O: the time is passed in.

A message that is pulled is leased until its deadline. If it is not acknowledged by then it is available again, which
counts as an attempt, as a deadline of 0 seconds (a NACK) does. A subscription with a dead letter topic gives a message
away when it has had so many attempts: a consumer that only waits loses it.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe


@dataclass(frozen=True, slots=True)
class Published:
    """A message of a topic."""

    message_id: str
    data: bytes
    attributes: Mapping[str, str]
    published: float
    """Seconds since the epoch."""
    ordering_key: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings of a subscription that decide what becomes of its messages."""

    ack_seconds: float = 10
    retention_seconds: float = 7 * 86400
    dead_letter_topic: str | None = None
    max_attempts: int = 5
    """With a dead letter topic: deliveries after which a message goes there."""
    retry_seconds: float = 0
    """Pause after a NACK or an expired deadline."""


@dataclass(slots=True)
class Entry:
    """A message in a subscription."""

    message: Published
    available: float
    """When it may be delivered (again)."""
    attempts: int = 0
    lease: str | None = None
    """The newest ack ID, while the message is leased."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that was delivered, with its ack ID."""

    message: Published
    ack_id: str
    attempt: int


@dataclass(slots=True)
class Subscription:
    """The messages of one subscription that are not acknowledged."""

    topic: str
    terms: Terms = field(default_factory=Terms)
    entries: dict[str, Entry] = field(default_factory=dict)
    """By message ID, in the order of their arrival."""
    _ids: dict[str, str] = field(default_factory=dict)
    """The message ID of each ack ID that was given."""

    def add(self, message: Published, now: float) -> None:
        """Take a message that was published."""
        self.entries[message.message_id] = Entry(message, now)

    def take(self, most: int, now: float) -> tuple[list[Leased], list[Published]]:
        """Lease up to *most* available messages; return them, and those that are dead letters now."""
        self._forget_old(now)
        leased: list[Leased] = []
        dead: list[Published] = []
        for entry in list(self.entries.values()):
            if len(leased) == most:
                break
            self._expire(entry, now)
            if entry.lease is not None or entry.available > now:
                continue
            if self.terms.dead_letter_topic is not None and entry.attempts >= self.terms.max_attempts:
                dead.append(self.entries.pop(entry.message.message_id).message)
                continue
            leased.append(self._lease(entry, now))
        return leased, dead

    def acknowledge(self, ack_ids: Iterable[str]) -> None:
        """Remove messages; an ack ID that is not known has no effect."""
        for ack_id in ack_ids:
            message_id = self._ids.pop(ack_id, None)
            if message_id is not None:
                self.entries.pop(message_id, None)

    def extend(self, ack_ids: Iterable[str], seconds: float, now: float) -> None:
        """Move the deadlines of leases to *seconds* from *now*; 0 is a NACK: the message is available again."""
        for ack_id in ack_ids:
            entry = self.entries.get(self._ids.get(ack_id, ""))
            if entry is None or entry.lease != ack_id:
                continue
            self._expire(entry, now)
            if seconds == 0:
                entry.lease, entry.available = None, now + self.terms.retry_seconds
            elif entry.lease is not None:
                entry.available = now + seconds

    def next_available(self, now: float) -> float | None:
        """Return when a message will be available if nothing else happens; None if there is none."""
        return min((max(each.available, now) for each in self.entries.values()), default=None)

    def _lease(self, entry: Entry, now: float) -> Leased:
        entry.attempts += 1
        entry.lease = f"{entry.message.message_id}-{entry.attempts}-{token_urlsafe(96)}"
        entry.available = now + self.terms.ack_seconds
        self._ids[entry.lease] = entry.message.message_id
        return Leased(entry.message, entry.lease, entry.attempts)

    def _expire(self, entry: Entry, now: float) -> None:
        if entry.lease is not None and entry.available <= now:
            entry.lease, entry.available = None, entry.available + self.terms.retry_seconds

    def _forget_old(self, now: float) -> None:
        oldest = now - self.terms.retention_seconds
        for message_id in [key for key, each in self.entries.items() if each.message.published < oldest]:
            del self.entries[message_id]
        if len(self._ids) > 2 * len(self.entries) + 1000:
            self._ids = {ack: message for ack, message in self._ids.items() if message in self.entries}


class Broker:
    """All topics and subscriptions, by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.topics: dict[str, dict[str, object]] = {}
        """Each topic with its settings as the client gave them."""
        self.subscriptions: dict[str, Subscription] = {}
        self.clock = clock
        self._numbers = itertools.count(1)
        self._arrived: dict[str, Callable[[], None]] = {}

    def when_arrived(self, subscription: str, call: Callable[[], None]) -> None:
        """Have *call* called after each message that a subscription gets."""
        self._arrived[subscription] = call

    def subscriptions_of(self, topic: str) -> list[str]:
        """Return the names of the subscriptions of *topic*."""
        return [name for name, each in self.subscriptions.items() if each.topic == topic]

    def forget(self, subscription: str) -> None:
        """Remove a subscription with its messages."""
        del self.subscriptions[subscription]
        self._arrived.pop(subscription, None)

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str | None:
        """Give a message to each subscription of *topic*; return its ID, or None if there is no such topic."""
        if topic not in self.topics:
            return None
        message = Published(str(next(self._numbers)), data, attributes or {}, self.clock(), ordering_key)
        for name in self.subscriptions_of(topic):
            self.subscriptions[name].add(message, self.clock())
            self._arrived.get(name, _nobody)()
        return message.message_id

    def pull(self, subscription: str, most: int) -> Sequence[Leased]:
        """Lease up to *most* messages of a subscription; dead letters go to their topic."""
        found = self.subscriptions[subscription]
        leased, dead = found.take(most, self.clock())
        for message in dead:
            attributes = {
                **message.attributes,
                "CloudPubSubDeadLetterSourceSubscription": subscription.rsplit("/", maxsplit=1)[-1],
            }
            self.publish(found.terms.dead_letter_topic or "", message.data, attributes, message.ordering_key)
        return leased


def _nobody() -> None:
    return
