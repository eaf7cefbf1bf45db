"""What an intake log holds and the database does not yet: messages, who waits behind whom, and who has which. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from gateway.contract.message import Message
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, Delivery

OVERHEAD = 1000
"""Octets that a message takes beside its payload, about."""
Queue = tuple[int, bytes]
"""A destination's number, and a key's or an identity's pseudonym."""


@dataclass(slots=True)
class Item:
    """A message in the log."""

    record: CommittedRecord
    message: Message
    since: float
    """When it came, by whatever clock its owner uses."""
    segment: int = 0
    """Where its record is; 0 while it is nowhere."""
    done: dict[int, DeliveredRecord] = field(default_factory=dict)
    """By the destination's number."""
    open: set[int] = field(init=False)
    """The numbers of the destinations that it waits for."""
    queues: list[bytes] = field(init=False)
    """The pseudonyms of its key and of its identity, where it has them."""

    def __post_init__(self) -> None:
        record = self.record
        self.open = {each.number for each in record.deliveries}
        self.queues = [each for each in (record.ordering_key, record.name) if each is not None]


Head = tuple[Item, Delivery]
"""A delivery that is first of its queues."""


class Window:
    """The messages of a log, by their numbers, in order."""

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}
        self._queues: dict[Queue, deque[int]] = {}
        self._last: dict[Queue, int] = {}
        self.octets = 0
        """About what they take in memory and on the disk."""
        self.held = 0
        """Octets of the payloads of those that wait."""
        self._ended: dict[int, Item] = {}

    def __len__(self) -> int:
        """Return how many messages there are."""
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        """Yield them in order."""
        return iter(self._items.values())

    @property
    def first(self) -> Item | None:
        """The first message."""
        return next(iter(self._items.values()), None)

    def oldest(self, count: int) -> list[Item]:
        """Return the first so many messages."""
        return list(islice(self._items.values(), count))

    @property
    def ended(self) -> list[Item]:
        """Those that all their destinations have, in the order in which that was so."""
        return list(self._ended.values())

    @property
    def count_of_ended(self) -> int:
        """How many these are."""
        return len(self._ended)

    def get(self, seq: int) -> Item | None:
        """Return a message."""
        return self._items.get(seq)

    def add(self, item: Item) -> None:
        """Take a message in, behind all others."""
        record = item.record
        self._items[record.seq] = item
        for number in item.open:
            for pseudonym in item.queues:
                self._queues.setdefault((number, pseudonym), deque()).append(record.seq)
            if record.name is not None:
                self._last[number, record.name] = record.seq
        self.octets += _octets(item)
        self.held += record.size

    def undo(self, seqs: Iterable[int]) -> None:
        """Forget messages that were taken in last and are not in the log after all."""
        self.forget(seqs)
        self._last = {
            (each.number, item.record.name): seq
            for seq, item in self._items.items()
            for each in item.record.deliveries
            if item.record.name is not None
        }

    def is_first(self, item: Item, number: int) -> bool:
        """Tell whether nothing here goes before a message at a destination that it waits for."""
        seq = item.record.seq
        return all(self._queues[number, pseudonym][0] == seq for pseudonym in item.queues)

    def settle(self, item: Item, done: DeliveredRecord) -> list[Head]:
        """Note that a destination has a message that was first there; return who is first now."""
        item.done[done.number] = done
        item.open.remove(done.number)
        behind = set()
        for pseudonym in item.queues:
            next_one = self._leave((done.number, pseudonym), done.seq)
            if next_one is not None:
                behind.add(next_one)
        if not item.open:
            self._ended[done.seq] = item
            self.held -= item.record.size
        return list(self._firsts(sorted(behind), done.number)) if behind else []

    def last(self, number: int, name: bytes) -> Item | None:
        """Return the last message of an identity for a destination."""
        seq = self._last.get((number, name))
        return None if seq is None else self._items[seq]

    def forget(self, seqs: Iterable[int]) -> list[Head]:
        """Let messages go: they are in the database. Return who is first here now and was not before."""
        behind: set[tuple[int, int]] = set()
        for seq in seqs:
            item = self._items.pop(seq)
            self.octets -= _octets(item)
            if item.open:
                self.held -= item.record.size
            else:
                del self._ended[seq]
            behind |= self._forget_places(item)
        return [head for seq, number in sorted(behind) if seq in self._items for head in self._firsts([seq], number)]

    def _forget_places(self, item: Item) -> set[tuple[int, int]]:
        """Return the numbers of those who may be first now, and of the destinations where."""
        name, seq = item.record.name, item.record.seq
        if name is not None:
            for each in item.record.deliveries:
                if self._last.get((each.number, name)) == seq:
                    del self._last[each.number, name]
        behind = set()
        for number in item.open:
            for pseudonym in item.queues:
                if (next_one := self._leave((number, pseudonym), seq)) is not None:
                    behind.add((next_one, number))
        return behind

    def _leave(self, queue: Queue, seq: int) -> int | None:
        """Take a message out of a queue; return who is first there now and was not before."""
        waiting = self._queues[queue]
        if waiting[0] != seq:
            waiting.remove(seq)
            return None
        waiting.popleft()
        if waiting:
            return waiting[0]
        del self._queues[queue]
        return None

    def _firsts(self, seqs: Iterable[int], number: int) -> Iterator[Head]:
        for seq in seqs:
            item = self._items[seq]
            if self.is_first(item, number):
                yield item, next(each for each in item.record.deliveries if each.number == number)


def _octets(item: Item) -> int:
    return OVERHEAD + len(item.record.data or b"")
