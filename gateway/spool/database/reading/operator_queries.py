"""What operators ask: sums, lists and single records."""

import json
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Any

from gateway.spool.database.ledger import DISCARDED, Key
from gateway.spool.database.reading.base import Reading
from gateway.spool.database.reading.rows import UNREADABLE, Row, checked_header, discarding_of, time_of
from gateway.spool.database.schema import CODES, STATES
from gateway.spool.interface import PayloadDamaged, Selection, State, Total

LAST = 2**63 - 1
"""The largest number that a message can have."""
STEP = 20_000
"""Numbers of messages looked through in one read."""
BEGINNING: Key = (0, 0)
END: Key = (LAST, LAST)
"""Before all deliveries, and after them."""


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

    def find(
        self, selection: Selection, keys: Iterable[Key] | None, after: Key, limit: int, *, newest: bool = False
    ) -> list[Row]:
        """Return the deliveries behind *after* that match; among *keys*, where given.

        They are in the order of their keys. With *newest* the order is reversed: those before *after* are returned.
        """
        if keys is not None:
            found = self._among(keys, after, newest=newest)
        else:
            found = self._scan(selection, after, limit, newest=newest)
        return list(islice((row for row in found if matches(row, selection)), limit))

    def count(self, selection: Selection, states: Iterable[State], keys: Iterable[Key] | None) -> list[Total]:
        """Return the sums of what matches by destination, state and reason; among *keys*, where given."""
        sums: dict[tuple[str, State, str | None], list[int]] = {}
        for destination, state, reason, count, size, first in self._counted(selection, states, keys):
            each = sums.setdefault((destination, state, reason), [0, 0, first])
            each[:] = each[0] + count, each[1] + size, min(each[2], first)
        return [
            Total(destination, state, count, size, self._received(first), reason)
            for (destination, state, reason), (count, size, first) in sums.items()
        ]

    def with_identifiers(self, selection: Selection, most: int) -> list[Key] | None:
        """Return the deliveries of the messages with these identifiers; None if there are more than *most*.

        The messages are read one after another, each once: an index of identifiers would make every commit slower.
        """
        values, found = _values(selection), list[Key]()
        first, last = self._execute("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM messages").fetchone()
        for start in range(first, last + 1, STEP):
            rows = self._execute(WITH_IDENTIFIERS, {**values, "start": start, "end": start + STEP - 1}).fetchall()
            for row in rows:
                found += self._execute(DELIVERIES_OF, row).fetchall()
                if len(found) > most:
                    return None
        return found

    def place(self, received_at: float, *, newest: bool) -> Key:
        """Return the key after which a list starts of what was received since that time; until then with *newest*."""
        (seq,) = self._execute(RECEIVED_UNTIL if newest else RECEIVED_SINCE, (received_at,)).fetchone()
        if newest:
            return (seq or 0) + 1, 0
        return END if seq is None else (seq, 0)

    def get(self, key: Key) -> Row | None:
        """Return one delivery."""
        row = self._execute(RECORD, key).fetchone()
        return None if row is None else _record(row)

    def newest(self) -> int:
        """Return the number of the latest message."""
        return int(self._execute("SELECT coalesce(max(seq), 0) FROM messages").fetchone()[0])

    def is_empty(self) -> bool:
        """Tell whether there is no message, not even a record of one."""
        return self._execute("SELECT 1 FROM messages LIMIT 1").fetchone() is None

    def _total(self, name: str, number: int, code: int, sums: list[Any]) -> Total:
        if not all(isinstance(each, int) for each in sums) or not sums:  # damaged: count the rows
            sums = self._execute(COUNTED, (number, code)).fetchone()
        count, size = sums
        return Total(name, STATES[code], count, size if code < 2 else 0, self._oldest(number, code) if count else None)

    def _oldest(self, number: int, code: int) -> float | None:
        row = self._execute(OLDEST, (number, code)).fetchone()
        return None if row is None else time_of(row[0])

    def _received(self, seq: int) -> float | None:
        row = self._execute("SELECT received_at FROM messages WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else time_of(row[0])

    def _scan(self, selection: Selection, after: Key, limit: int, *, newest: bool) -> Iterator[Row]:
        """Merge the index ranges of each destination and state that is meant."""
        numbers = self._numbers_of(selection).values()
        codes = STATES if selection.state is None else [CODES[selection.state]]
        last, values = self._last_before(selection.received_before), _values(selection)
        down = self._range_down if newest else self._range
        ranges = [down(number, code, values, after, last, limit) for number in numbers for code in codes]
        return merge(*ranges, key=lambda row: row.key, reverse=newest)

    def _numbers_of(self, selection: Selection) -> dict[str, int]:
        """Return by name the numbers of the destinations that are meant."""
        names = dict(self._execute("SELECT name, id FROM destinations ORDER BY name").fetchall())
        if selection.destination is None:
            return names
        return {name: number for name, number in names.items() if name == selection.destination}

    def _last_before(self, received_before: float | None) -> int:
        """Return the number of the last message received before that time; what comes after it need not be read."""
        if received_before is None:
            return LAST
        return int(self._execute(RECEIVED, (received_before,)).fetchone()[0])

    def _range(
        self, number: int, code: int, values: dict[str, object], after: Key, last: int, size: int
    ) -> Iterator[Row]:
        """Yield one destination's deliveries in one state, as far as *last*; SQLite filters them by *values*.

        In steps, so that no long read hinders the writer.
        """
        start = after[0] if number > after[1] else after[0] + 1
        while start <= last:
            end = min(last, start + STEP - 1)
            where = {"number": number, "code": code, "start": start, "end": end, "limit": size}
            rows = self._execute(RANGE, {**values, **where}).fetchall()
            yield from map(_record, rows)
            if len(rows) == size:
                start = rows[-1][0] + 1
                continue
            # The next delivery of this destination and state, selected or not: a gap in the numbers is skipped.
            row = self._execute(NEXT, (number, code, end)).fetchone()
            if row is None:
                return
            start = row[0]

    def _range_down(
        self, number: int, code: int, values: dict[str, object], before: Key, last: int, size: int
    ) -> Iterator[Row]:
        """Yield the same from the newest to the oldest, and only those before the delivery *before*."""
        end = min(last, before[0] if number < before[1] else before[0] - 1)
        while end > 0:
            row = self._execute(NEXT_DOWN, (number, code, end)).fetchone()
            if row is None:
                return
            end = row[0]
            where = {"number": number, "code": code, "start": end - STEP + 1, "end": end, "limit": size}
            rows = self._execute(RANGE_DOWN, {**values, **where}).fetchall()
            yield from map(_record, rows)
            end = rows[-1][0] - 1 if len(rows) == size else end - STEP

    def _among(self, keys: Iterable[Key], after: Key, *, newest: bool) -> Iterator[Row]:
        meant = sorted((key for key in keys if (key < after if newest else key > after)), reverse=newest)
        return (row for row in map(self.get, meant) if row is not None)

    def _counted(
        self, selection: Selection, states: Iterable[State], keys: Iterable[Key] | None
    ) -> Iterator[tuple[str, State, str | None, int, int, int]]:
        """Yield sums of some deliveries: destination, state, reason, how many, octets, the first message's number."""
        if keys is not None:
            for row in self._among(keys, BEGINNING, newest=False):
                if row.state in states and matches(row, selection):
                    yield row.destination, row.state, row.reason, 1, row.size, row.key[0]
            return
        last, values = self._last_before(selection.received_before), _values(selection)
        for name, number in self._numbers_of(selection).items():
            for state in states:
                for reason, count, size, first in self._count_range(number, CODES[state], values, last):
                    yield name, state, reason if isinstance(reason, str) else None, count, size, first

    def _count_range(self, number: int, code: int, values: dict[str, object], last: int) -> Iterator[tuple[Any, ...]]:
        end = 0
        while (row := self._execute(NEXT, (number, code, end)).fetchone()) is not None and row[0] <= last:
            end = min(last, row[0] + STEP - 1)
            where = {"number": number, "code": code, "start": row[0], "end": end}
            yield from self._execute(REASONS, {**values, **where}).fetchall()


def _values(selection: Selection) -> dict[str, object]:
    """Return what RANGE compares with; an identifier as it stands in a header, which is ASCII (``json.dumps``)."""
    return {
        "listener": selection.listener,
        "reason": selection.reason_like,
        "control_id": _in_header("control_id", selection.control_id),
        "uid": _in_header("sop_instance_uid", selection.sop_instance_uid),
        "before": selection.received_before,
    }


def _in_header(name: str, value: str | None) -> bytes | None:
    return None if value is None else json.dumps({name: value})[1:-1].encode()


def matches(row: Row, selection: Selection) -> bool:
    """Tell whether the delivery matches the selection; entry IDs are not compared here."""
    return (
        selection.destination in (None, row.destination)
        and selection.state in (None, row.state)
        and selection.listener in (None, row.listener)
        and (selection.received_before is None or row.received_at < selection.received_before)
        and selection.control_id in (None, row.header.identifiers.get("control_id"))
        and selection.sop_instance_uid in (None, row.header.identifiers.get("sop_instance_uid"))
        and (selection.reason_like is None or any(selection.reason_like in each for each in _reasons(row)))
    )


def _reasons(row: Row) -> Iterator[str]:
    return (each for each in (row.reason, row.earlier_reason) if isinstance(each, str))


def _record(row: tuple[Any, ...]) -> Row:
    seq, number, name, listener, code, reason, attempts, size, received_at, settled_at, header, header_sum, due = row
    try:
        checked = checked_header(header, header_sum)
    except PayloadDamaged:
        checked = UNREADABLE
    state = STATES[code]
    numbers = [time_of(value) for value in (received_at, settled_at, due if state is State.WAITING else None)]
    received, settled, due = numbers
    key, by, earlier = (seq, number), None, None
    if code == DISCARDED and isinstance(reason, str):
        reason, by, earlier = discarding_of(reason)
    facts = name, str(listener), state, reason, attempts, size, received or 0.0, settled, checked, due
    return Row(key, *facts, earlier_reason=earlier, discarded_by=by)


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
WHERE d.message = ? AND d.destination = ?
"""
# The index finds the rows of one destination and state; the rest is compared row by row. Of a discarded delivery
# (state 3) the column ``reason`` holds more than a reason: ``matches`` compares that.
RANGE = """
SELECT d.message, d.destination, n.name, m.listener, d.state, d.reason, d.attempts, d.size, m.received_at,
       d.settled_at, m.header, m.header_sum, d.due
FROM deliveries d INDEXED BY by_state CROSS JOIN messages m ON m.seq = d.message
CROSS JOIN destinations n ON n.id = d.destination
WHERE d.destination = :number AND d.state = :code AND d.message BETWEEN :start AND :end
AND (:listener IS NULL OR m.listener = :listener)
AND (:reason IS NULL OR d.state = 3 OR instr(d.reason, :reason))
AND (:control_id IS NULL OR instr(m.header, :control_id))
AND (:uid IS NULL OR instr(m.header, :uid))
ORDER BY d.message LIMIT :limit
"""
RANGE_DOWN = RANGE.replace("ORDER BY d.message LIMIT", "ORDER BY d.message DESC LIMIT")
# The same rows, counted by reason; only for what waits or is parked.
REASONS = """
SELECT d.reason, count(*), CAST(coalesce(sum(d.size), 0) AS INTEGER), min(d.message)
FROM deliveries d INDEXED BY by_state CROSS JOIN messages m ON m.seq = d.message
WHERE d.destination = :number AND d.state = :code AND d.message BETWEEN :start AND :end
AND (:listener IS NULL OR m.listener = :listener)
AND (:reason IS NULL OR instr(d.reason, :reason))
AND (:control_id IS NULL OR instr(m.header, :control_id))
AND (:uid IS NULL OR instr(m.header, :uid))
AND (:before IS NULL OR m.received_at < :before)
GROUP BY d.reason
"""
WITH_IDENTIFIERS = """
SELECT seq FROM messages WHERE seq BETWEEN :start AND :end
AND (:control_id IS NULL OR instr(header, :control_id)) AND (:uid IS NULL OR instr(header, :uid))
"""
DELIVERIES_OF = "SELECT message, destination FROM deliveries WHERE message = ?"
NEXT = """
SELECT message FROM deliveries INDEXED BY by_state WHERE destination = ? AND state = ? AND message > ?
ORDER BY message LIMIT 1
"""
NEXT_DOWN = """
SELECT message FROM deliveries INDEXED BY by_state WHERE destination = ? AND state = ? AND message <= ?
ORDER BY message DESC LIMIT 1
"""
RECEIVED = "SELECT coalesce(max(seq), 0) FROM messages INDEXED BY received WHERE received_at < ?"
RECEIVED_SINCE = "SELECT min(seq) FROM messages INDEXED BY received WHERE received_at >= ?"
RECEIVED_UNTIL = "SELECT max(seq) FROM messages INDEXED BY received WHERE received_at <= ?"
