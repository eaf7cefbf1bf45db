"""Who is first of the queues, those in an intake log and those in the database. Used in the writer's thread."""

import sqlite3
from collections.abc import Iterable

from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.rows import Header, Payload, QueueHead
from gateway.spool.log.records import Delivery
from gateway.spool.log.window import Head, Item, Queue, Window

Offered = list[tuple[str, QueueHead]]
"""What may be claimed, by the destination's name."""


class Heads:
    """Compares a log's *window* with the database."""

    def __init__(self, connection: sqlite3.Connection, window: Window) -> None:
        self._execute, self._window = connection.execute, window
        self._blocked: dict[Key, Head] = {}
        """What would be first, but for something in the database."""
        self._behind: dict[Queue, set[Key]] = {}
        """The same by the queues that they are in."""

    def offer(self, heads: Iterable[Head]) -> Offered:
        """Return those that are first of all; the others are kept until the database holds nothing before them."""
        firsts = [(item, each) for item, each in heads if self._is_head(item, each)]
        busy = {number for (number,) in self._execute(QUEUED)} if firsts else ()
        offered: Offered = []
        for item, each in firsts:
            if each.number in busy and self._is_blocked(item, each):
                self._block(item, each)
            else:
                offered.append((each.name, head_of(item, each)))
        return offered

    def queues_of(self, keys: Iterable[Key]) -> set[Queue]:
        """Return the queues of deliveries in the database, as far as anything here waits behind what is there."""
        if not self._blocked:
            return set()
        rows = ((number, self._execute(QUEUES, (seq, number)).fetchone()) for seq, number in keys)
        return {(number, each) for number, row in rows if row is not None for each in row if each is not None}

    def free(self, queues: Iterable[Queue]) -> Offered:
        """Return those in some queues that the database held up and does not any more."""
        keys = sorted({key for queue in queues for key in self._behind.get(queue, ())})
        free = [head for head in map(self._blocked.__getitem__, keys) if not self._is_blocked(*head)]
        for item, each in free:
            self.forget((item.record.seq, each.number))
        return [(each.name, head_of(item, each)) for item, each in free]

    def forget(self, key: Key) -> None:
        """Take note that a delivery is in the database now."""
        if (head := self._blocked.pop(key, None)) is not None:
            for queue in _queues(*head):
                self._behind[queue].discard(key)
                if not self._behind[queue]:
                    del self._behind[queue]

    def _block(self, item: Item, each: Delivery) -> None:
        key = item.record.seq, each.number
        self._blocked[key] = item, each
        for queue in _queues(item, each):
            self._behind.setdefault(queue, set()).add(key)

    def _is_head(self, item: Item, each: Delivery) -> bool:
        is_here = self._window.get(item.record.seq) is item and each.number in item.open
        return is_here and self._window.is_first(item, each.number)

    def _is_blocked(self, item: Item, each: Delivery) -> bool:
        record = item.record
        if not item.queues:
            return False
        values = each.number, record.ordering_key, record.name, record.seq
        return bool(self._execute(BEFORE, values).fetchone()[0])


def _queues(item: Item, each: Delivery) -> list[Queue]:
    return [(each.number, pseudonym) for pseudonym in item.queues]


def head_of(item: Item, each: Delivery) -> QueueHead:
    """Return a delivery as the database would tell of it."""
    record, message = item.record, item.message
    facts, identifiers = dict(message.facts), dict(message.identifiers)
    return QueueHead(
        (record.seq, each.number),
        (record.seq, record.ordering_key, record.name),
        0,
        record.received_at,
        record.committed_at,
        record.size,
        Header(message.message_id, facts, identifiers, message.charset, message.via),
        Payload(record.size, record.digest, record.encrypted, record.data, record.file),
    )


QUEUES = "SELECT lane, name FROM deliveries WHERE message = ? AND destination = ?"
QUEUED = "SELECT DISTINCT destination FROM totals WHERE state IN (0, 1) AND count > 0"
# Whether anything goes before a message; what has no ordering key or no name equals nothing.
BEFORE = """
SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
    WHERE destination = ?1 AND lane = ?2 AND queued = 1 AND message < ?4)
OR EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
    WHERE destination = ?1 AND name = ?3 AND state = 0 AND message < ?4)
"""
