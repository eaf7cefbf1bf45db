"""The dispatcher's queries: what may be claimed next, and when the next pause ends."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from gateway.spool.damage import ERRORS, concerns_all
from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.base import Reading
from gateway.spool.database.reading.rows import UNREADABLE, Busy, Payload, QueueHead, Queues, checked_header
from gateway.spool.interface import PayloadDamaged, SpoolDamaged

Waiting = tuple[float, int, int, bytes | None, bytes | None]
"""A delivery that may be claimed: since when, its message, its destination, its ordering key, its identity."""
LONGEST_PAUSE = 30 * 86400.0
"""Seconds; no message is put off for longer."""
MOST_COMPARED = 2_000
"""Failed deliveries whose numbers of attempts are compared for one probe: those whose pause ended first."""


class DispatcherQueries(Reading):
    """The dispatcher's part of the read side."""

    def heads(self, destination: str, now: float, limit: int, busy: Busy) -> list[Key]:
        """Return deliveries that may be claimed beside what is *busy*, the one that was ready first at the head."""
        number, most = self._number(destination), limit + len(busy)  # each busy key rules out one head at most
        due = self._due(number, now, most)
        # The time since which the others are ready is only looked up if there is something to compare it with.
        ready = self._execute(READY_SINCE if due else READY, (number, 0, most)).fetchall()
        return _choose(sorted(_sound(ready + due), key=lambda row: row[:3]), limit, busy)

    def probes(self, destination: str, now: float, limit: int, busy: Busy, place: float) -> list[Key]:
        """Return deliveries that may be claimed: those never tried, from that *place* (0 to 1) on; then the failed.

        Of the failed ones those with the fewest attempts come first: a message that no store can take has been tried
        more often than one that a store would take.
        """
        number, most = self._number(destination), limit + len(busy)
        first, last = self._execute(UNTRIED, (number, number)).fetchone()
        start = first + int(place * (last - first + 1)) if isinstance(first, int) and isinstance(last, int) else 0
        rows = self._execute(READY, (number, start, most)).fetchall()
        rows += self._execute(READY, (number, 0, most)).fetchall()
        rows += self._execute(LEAST_TRIED, (number, now, MOST_COMPARED, most)).fetchall()
        rows += self._due(number, now, most)
        return _choose({row[1:3]: row for row in _sound(rows)}.values(), limit, busy)

    def next_due(self, destination: str, busy: Busy) -> float | None:
        """Return when the first pause ends, of the deliveries that are not *busy*."""
        rows = self._execute(PAUSED, (self._number(destination), len(busy) + 1))
        sound = (row for row in rows if isinstance(row[0], int | float))
        return next((row[0] for row in sound if busy.isdisjoint((row[1], *row[3:]))), None)

    def head(self, key: Key) -> QueueHead | None:
        """Return a delivery with its message, or None if it does not wait any more."""
        row = self._execute(WAITING_DELIVERY, key).fetchone()
        if row is None:
            return None
        ordering_key, name, attempts, size, reason = row
        sound = isinstance(ordering_key, bytes | None) and isinstance(name, bytes | None)
        if not (sound and isinstance(attempts, int) and isinstance(size, int)):
            return QueueHead(key, (key[0], None, None), 0, 0.0, 0.0, 0, UNREADABLE, None)
        said = reason if isinstance(reason, str) else None
        bare = QueueHead(key, (key[0], ordering_key, name), attempts, 0.0, 0.0, size, UNREADABLE, None, said)
        try:
            return self._with_message(bare)
        except (*ERRORS, PayloadDamaged) as error:
            if concerns_all(error):  # the error does not concern this message alone
                raise
            return bare

    def earliest(self, destination: str, queues: Iterable[Queues]) -> list[float | None]:
        """Return for each when the first queued under its key or identity was committed, by the steady clock."""
        number = self._number(destination)
        return [self._earliest(number, ordering_key, name) for _, ordering_key, name in queues]

    def _due(self, number: int, now: float, limit: int) -> list[Waiting]:
        """Return the deliveries whose pause has ended, and those whose pause is too long to be anything but damage."""
        rows: list[Waiting] = self._execute(DUE, (number, now, limit)).fetchall()
        return rows + self._execute(NEVER_DUE, (number, now + LONGEST_PAUSE, limit)).fetchall()

    def _earliest(self, number: int, ordering_key: bytes | None, name: bytes | None) -> float | None:
        rows = [
            self._execute(*each).fetchone()
            for each in ((FIRST_OF_KEY, (number, ordering_key)), (FIRST_NAME, (number, name)))
        ]
        return min((row[0] for row in rows if row is not None), default=None)

    def _with_message(self, bare: QueueHead) -> QueueHead:
        row = self._execute(MESSAGE, (bare.key[0],)).fetchone()
        if row is None:
            raise PayloadDamaged("the message has no row")
        received_at, committed_at, header, header_sum = row
        if not (isinstance(received_at, float) and isinstance(committed_at, float)):
            raise PayloadDamaged("the message's times are damaged")
        checked, payload = checked_header(header, header_sum), self._payload_or_none(bare.key)
        return replace(bare, received_at=received_at, committed_at=committed_at, header=checked, payload=payload)

    def _payload_or_none(self, key: Key) -> Payload | None:
        try:
            return self.payload(key)
        except ERRORS as error:
            if concerns_all(error):
                raise
            return None  # a damaged page


def _choose(rows: Iterable[Waiting], limit: int, busy: Busy) -> list[Key]:
    """Return the first deliveries that share no ordering key or identity with what is *busy*."""
    free = ((row[1], row[2]) for row in rows if row[1] not in busy and row[3] not in busy and row[4] not in busy)
    return list(islice(free, limit))


def _sound(rows: list[Waiting]) -> list[Waiting]:
    if not all(isinstance(row[1], int) and isinstance(row[2], int) for row in rows):
        raise SpoolDamaged("the number of a message is damaged")
    return rows


READY = """
SELECT 0.0, message, destination, lane, name FROM deliveries INDEXED BY ready
WHERE destination = ? AND front = 1 AND due IS NULL AND message >= ? ORDER BY message LIMIT ?
"""
READY_SINCE = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL), d.message, d.destination, d.lane, d.name
FROM deliveries d INDEXED BY ready LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.front = 1 AND d.due IS NULL AND d.message >= ? ORDER BY d.message LIMIT ?
"""
UNTRIED = """
SELECT
(SELECT min(message) FROM deliveries INDEXED BY ready WHERE destination = ? AND front = 1 AND due IS NULL),
(SELECT max(message) FROM deliveries INDEXED BY ready WHERE destination = ? AND front = 1 AND due IS NULL)
"""
DUE = """
SELECT due, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?
"""
LEAST_TRIED = """
SELECT due, message, destination, lane, name FROM (
    SELECT due, message, destination, lane, name, attempts FROM deliveries INDEXED BY paused
    WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?)
ORDER BY attempts, due LIMIT ?
"""
NEVER_DUE = """
SELECT 0.0, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due > ? ORDER BY due LIMIT ?
"""
PAUSED = """
SELECT due, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL ORDER BY due LIMIT ?
"""
WAITING_DELIVERY = """
SELECT lane, name, attempts, size, reason FROM deliveries WHERE message = ? AND destination = ? AND state = 0
"""
MESSAGE = "SELECT received_at, committed_at, header, header_sum FROM messages WHERE seq = ?"
FIRST_OF_KEY = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL)
FROM deliveries d INDEXED BY lanes LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.lane = ? AND d.queued = 1 ORDER BY d.message LIMIT 1
"""
FIRST_NAME = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL)
FROM deliveries d INDEXED BY waiting_names LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.name = ? AND d.state = 0 ORDER BY d.message LIMIT 1
"""
