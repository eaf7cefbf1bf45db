"""Who is first of the queues, those in an intake log and those in the database. Used in the writer's thread."""

import sqlite3
from collections.abc import Iterable

from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.rows import Front, Header, Payload
from gateway.spool.log.records import Delivery
from gateway.spool.log.window import Head, Item, Window

Offered = list[tuple[str, Front]]
"""What may be claimed, by the destination's name."""


class Heads:
    """Compares a log's *window* with the database."""

    def __init__(self, connection: sqlite3.Connection, window: Window) -> None:
        self._execute, self._window = connection.execute, window
        self._blocked: dict[Key, Head] = {}
        """What would be first, but for something in the database."""

    def offer(self, heads: Iterable[Head]) -> Offered:
        """Return those that are first of all; the others are kept until the database holds nothing before them."""
        firsts = [(item, each) for item, each in heads if self._is_head(item, each)]
        busy = {number for (number,) in self._execute(QUEUED)} if firsts else ()
        offered: Offered = []
        for item, each in firsts:
            if each.number in busy and self._is_blocked(item, each):
                self._blocked[item.record.seq, each.number] = item, each
            else:
                offered.append((each.name, front_of(item, each)))
        return offered

    def free(self) -> Offered:
        """Return those that the database held up and does not any more."""
        free = [head for head in self._blocked.values() if not self._is_blocked(*head)]
        for item, each in free:
            self.forget((item.record.seq, each.number))
        return [(each.name, front_of(item, each)) for item, each in free]

    def forget(self, key: Key) -> None:
        """Take note that a delivery is in the database now."""
        self._blocked.pop(key, None)

    def _is_head(self, item: Item, each: Delivery) -> bool:
        is_here = self._window.get(item.record.seq) is item and each.number in item.open
        return is_here and self._window.is_first(item, each.number)

    def _is_blocked(self, item: Item, each: Delivery) -> bool:
        record = item.record
        if not item.queues:
            return False
        values = each.number, record.lane, record.name, record.seq
        return bool(self._execute(BEFORE, values).fetchone()[0])


def front_of(item: Item, each: Delivery) -> Front:
    """Return a delivery as the database would tell of it."""
    record, message = item.record, item.message
    facts, identifiers = dict(message.facts), dict(message.identifiers)
    return Front(
        (record.seq, each.number),
        (record.seq, record.lane, record.name),
        0,
        record.received_at,
        record.committed_at,
        record.size,
        Header(message.message_id, facts, identifiers, message.charset, message.via),
        Payload(record.size, record.digest, record.encrypted, record.data, record.file),
    )


QUEUED = "SELECT DISTINCT destination FROM totals WHERE state IN (0, 1) AND count > 0"
# Whether anything goes before a message; what has no lane or no name equals nothing.
BEFORE = """
SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
    WHERE destination = ?1 AND lane = ?2 AND queued = 1 AND message < ?4)
OR EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
    WHERE destination = ?1 AND name = ?3 AND state = 0 AND message < ?4)
"""
