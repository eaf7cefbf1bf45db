"""What operators ask: sums, lists and single records."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Any

from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.base import Reading
from gateway.spool.database.reading.rows import UNREADABLE, Row, checked_header, time_of
from gateway.spool.database.schema import CODES, STATES
from gateway.spool.interface import PayloadDamaged, Selection, State, Total

LAST = 2**63 - 1
"""The largest number that a message can have."""
STEP = 20_000
"""Numbers of messages looked through in one read."""


class OperatorQueries(Reading):
    """The operators' part of the read side."""

    def totals(self) -> list[Total]:
        """Return the sums by destination and state."""
        sums = {(number, code): sums for number, code, *sums in self._execute(TOTALS).fetchall()}
        destinations = self._execute("SELECT id, name FROM destinations ORDER BY name").fetchall()
        return [
            self._total(name, number, code, sums.get((number, code), []))
            for number, name in destinations
            for code in STATES
        ]

    def find(self, selection: Selection, keys: Iterable[Key] | None, after: Key, limit: int) -> list[Row]:
        """Return the deliveries after that one which match; among *keys*, where given."""
        found = self._among(keys, after) if keys is not None else self._scan(selection, after, limit)
        return list(islice((row for row in found if matches(row, selection)), limit))

    def get(self, key: Key) -> Row | None:
        """Return one delivery."""
        row = self._execute(f"{RECORD} WHERE d.message = ? AND d.destination = ?", key).fetchone()
        return None if row is None else _record(row)

    def newest(self) -> int:
        """Return the number of the latest message."""
        return int(self._execute("SELECT coalesce(max(seq), 0) FROM messages").fetchone()[0])

    def is_empty(self) -> bool:
        """Tell whether there is no message, not even a record of one."""
        return self._execute("SELECT 1 FROM messages LIMIT 1").fetchone() is None

    def _total(self, name: str, number: int, code: int, sums: list[Any]) -> Total:
        if not all(isinstance(each, int) for each in sums) or not sums:  # damaged: the rows themselves tell
            sums = self._execute(COUNTED, (number, code)).fetchone()
        count, size = sums
        return Total(name, STATES[code], count, size if code < 2 else 0, self._oldest(number, code) if count else None)

    def _oldest(self, number: int, code: int) -> float | None:
        row = self._execute(OLDEST, (number, code)).fetchone()
        return None if row is None else time_of(row[0])

    def _scan(self, selection: Selection, after: Key, limit: int) -> Iterator[Row]:
        """Merge the index ranges of each destination and state that is meant."""
        names = dict(self._execute("SELECT name, id FROM destinations").fetchall())
        numbers = names.values() if selection.destination is None else [names.get(selection.destination, 0)]
        codes = STATES if selection.state is None else [CODES[selection.state]]
        last = self._last_before(selection.received_before)
        ranges = [self._range(number, code, selection, after, last, limit) for number in numbers for code in codes]
        return merge(*ranges, key=lambda row: row.key)

    def _last_before(self, received_before: float | None) -> int:
        """Return the number of the last message received before that time; what comes after it need not be read."""
        if received_before is None:
            return LAST
        return int(self._execute(RECEIVED, (received_before,)).fetchone()[0])

    def _range(self, number: int, code: int, selection: Selection, after: Key, last: int, size: int) -> Iterator[Row]:
        """Yield one destination's deliveries in one state, as far as *last*; SQLite leaves out what is not meant.

        In steps, so that no long read hinders the writer.
        """
        start = after[0] if number > after[1] else after[0] + 1
        while start <= last:
            end = min(last, start + STEP - 1)
            values = {"number": number, "code": code, "start": start, "end": end, "limit": size}
            rows = self._execute(RANGE, {**values, "listener": selection.listener}).fetchall()
            yield from map(_record, rows)
            if len(rows) == size:
                start = rows[-1][0] + 1
                continue
            # The next that there is at all, meant or not: numbers of other states and destinations are passed over.
            row = self._execute(NEXT, (number, code, end)).fetchone()
            if row is None:
                return
            start = row[0]

    def _among(self, keys: Iterable[Key], after: Key) -> Iterator[Row]:
        rows = (self.get(key) for key in sorted(keys) if key > after)
        return (row for row in rows if row is not None)


def matches(row: Row, selection: Selection) -> bool:
    """Tell whether the delivery is among those meant, its entry ID apart."""
    return (
        selection.destination in (None, row.destination)
        and selection.state in (None, row.state)
        and selection.listener in (None, row.listener)
        and (selection.received_before is None or row.received_at < selection.received_before)
    )


def _record(row: tuple[Any, ...]) -> Row:
    seq, number, name, listener, code, reason, attempts, size, received_at, settled_at, header, header_sum, due = row
    try:
        checked = checked_header(header, header_sum)
    except PayloadDamaged:
        checked = UNREADABLE
    state = STATES[code]
    numbers = [time_of(value) for value in (received_at, settled_at, due if state is State.WAITING else None)]
    received, settled, due = numbers
    key = (seq, number)
    return Row(key, name, str(listener), state, reason, attempts, size, received or 0.0, settled, checked, due)


TOTALS = "SELECT destination, state, count, size FROM totals"
COUNTED = """
SELECT count(*), CAST(coalesce(sum(size), 0) AS INTEGER) FROM deliveries INDEXED BY by_state
WHERE destination = ? AND state = ?
"""
OLDEST = """
SELECT m.received_at FROM deliveries d JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.state = ? ORDER BY d.message LIMIT 1
"""
RECORD = """
SELECT d.message, d.destination, n.name, m.listener, d.state, d.reason, d.attempts, d.size, m.received_at,
       d.settled_at, m.header, m.header_sum, d.due
FROM deliveries d CROSS JOIN messages m ON m.seq = d.message CROSS JOIN destinations n ON n.id = d.destination
"""
RANGE = f"""
{RECORD.replace("deliveries d", "deliveries d INDEXED BY by_state")}
WHERE d.destination = :number AND d.state = :code AND d.message BETWEEN :start AND :end
AND (:listener IS NULL OR m.listener = :listener) ORDER BY d.message LIMIT :limit
"""
NEXT = """
SELECT message FROM deliveries INDEXED BY by_state WHERE destination = ? AND state = ? AND message > ?
ORDER BY message LIMIT 1
"""
RECEIVED = "SELECT coalesce(max(seq), 0) FROM messages INDEXED BY received WHERE received_at < ?"
