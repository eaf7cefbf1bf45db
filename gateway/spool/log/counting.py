"""Counts what waits in the log of a spool and is not in its database: nobody has moved it yet."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from gateway.spool.interface import State, Total
from gateway.spool.log.records import Record
from gateway.spool.log.recovery import fold
from gateway.spool.log.window import Window


def totals_of_window(window: Window) -> list[Total]:
    """Return the sums by destination and state of what a running log holds."""
    sums: dict[tuple[str, State], list[float]] = {}
    for item in window:
        record = item.record
        for each in record.deliveries:
            waits = each.number in item.open
            state = State.WAITING if waits else State.DELIVERED
            oldest = sums.setdefault((each.name, state), [0, 0, record.received_at])
            oldest[0] += 1
            oldest[1] += record.size if waits else 0
            oldest[2] = min(oldest[2], record.received_at)
    return [Total(name, state, int(count), int(size), at) for (name, state), (count, size, at) in sums.items()]


def totals_of_log(connection: sqlite3.Connection, records: Iterable[Record]) -> list[Total]:
    """Return the sums by destination of what waits in the log alone."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    oldest: dict[str, float] = {}
    for seq, (record, done) in fold(records).items():
        if connection.execute("SELECT 1 FROM messages WHERE seq = ?", (seq,)).fetchone() is None:
            for each in record.deliveries:
                if each.number not in done:
                    counts[each.name] += 1
                    sizes[each.name] += record.size
                    oldest[each.name] = min(record.received_at, oldest.get(each.name, record.received_at))
    return [Total(name, State.WAITING, counts[name], sizes[name], oldest[name]) for name in counts]
