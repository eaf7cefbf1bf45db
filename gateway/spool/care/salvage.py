"""Saves what is whole of a damaged database, row by row, into a fresh one.

Whatever is read is checked as it is before a delivery: a header by its checksum, a payload by its digest. What is not
whole is never delivered: a message whose header is whole is kept as a parked record, so that an operator can name it;
any other is reported by its number. A message whose state is in doubt waits: it is delivered twice rather than never.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.contract.errors import ConfigError
from gateway.spool.care.damaged_file import copy_database, open_damaged
from gateway.spool.care.verify import is_intact, seal_for
from gateway.spool.damage import ERRORS, SUMS
from gateway.spool.database.authentic import authenticate_all
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.ledger import DELIVERED, DISCARDED, PARKED, WAITING
from gateway.spool.database.reading.rows import Payload, checked_header, payload_of
from gateway.spool.database.schema import STATES, VERSION, connect, encrypt_secret, prepare
from gateway.spool.database.statements import RESTORE_FRONTS
from gateway.spool.interface import DAMAGED, PayloadDamaged
from gateway.spool.log.reading import problems_kept, read_log
from gateway.spool.log.recovery import put_log
from gateway.spool.payloads.seal import Seal
from gateway.spool.payloads.secret import open_secret, secret_sum_of

STEP = 500
"""Messages saved in one transaction."""
LARGEST = 2**40
"""No spool has ever had so many messages: a larger number is damage."""


@dataclass(slots=True)
class Saved:
    """What became of the messages of a damaged spool."""

    messages: int = 0
    """Whole, and to be delivered or decided on."""
    records: int = 0
    """Delivered or discarded before the damage; only their records are saved."""
    parked: list[int] = field(default_factory=list)
    """The numbers of messages whose payload is damaged: their records are parked."""
    lost: list[int] = field(default_factory=list)
    """The numbers of messages of which nothing could be saved."""
    log: list[str] = field(default_factory=list)
    """A sentence for each part of the intake log that is damaged."""


def salvage(source: Path, target: Path, seal: Seal, known: Sequence[str]) -> Saved:
    """Save the spool in the folder *source* into the new folder *target*; *known* are the configured destinations.

    The source stays as it is: its database is copied first.
    """
    copy = target / "damaged.db"
    bodies = target / "bodies"
    bodies.mkdir(mode=0o700)
    try:
        copy_database(source, copy)
        with closing(connect(target / DATABASE, READER_CACHE_KIB)) as fresh:
            prepare(fresh, seal)
            with closing(open_damaged(copy, target / DATABASE)) as damaged:
                saved = _Salvage(damaged, fresh, source / "bodies", bodies, seal, known).run()
            _save_log(source, fresh, bodies, saved)
            return saved
    finally:
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{copy}{suffix}").unlink()


def _save_log(source: Path, fresh: sqlite3.Connection, bodies: Path, saved: Saved) -> None:
    """Save what the damaged spool's intake log holds and its database did not."""
    found = read_log(source)
    fresh.execute("BEGIN IMMEDIATE")
    records = put_log(fresh, found)
    fresh.execute("COMMIT")
    for record in records:
        if record.file is not None:
            with suppress(FileNotFoundError):  # its message is parked as damaged when it is to be delivered
                _take_file(source / "bodies" / record.file, bodies / record.file)
    saved.log = [each.sentence for each in found.flaws] + problems_kept(source)
    saved.messages += len(records)
    saved.lost = sorted(set(saved.lost) - {record.seq for record in records})


class _Salvage:
    def __init__(
        self,
        damaged: sqlite3.Connection,
        fresh: sqlite3.Connection,
        old_bodies: Path,
        new_bodies: Path,
        seal: Seal,
        known: Sequence[str],
    ) -> None:
        self._damaged, self._fresh = damaged, fresh
        self._old, self._new, self._seal = old_bodies, new_bodies, seal
        self._saved = Saved()
        self._unbound = False
        """Whether the spool is of a version without tags, whose deliveries were not bound to their records."""
        there = {row[1] for row in damaged.execute("PRAGMA table_info (deliveries)")}
        self._has_tags = "tag" in there
        self._deliveries = DELIVERIES if self._has_tags else DELIVERIES_OF_2 if "name" in there else DELIVERIES_OF_1
        self._names = self._destinations(known)

    def run(self) -> Saved:
        """Save everything and return what became of it."""
        self._copy_secret()
        self._fresh.executemany("INSERT INTO destinations (id, name) VALUES (?, ?)", self._names.items())
        numbers = self._numbers()
        for start in range(0, len(numbers), STEP):
            self._fresh.execute("BEGIN IMMEDIATE")
            for seq in numbers[start : start + STEP]:
                self._save(seq)
            self._fresh.execute("COMMIT")
        if self._unbound:
            authenticate_all(self._fresh, self._seal)
        self._fresh.executescript(f"BEGIN IMMEDIATE; {RESTORE_FRONTS}; {SUMS} COMMIT;")
        return self._saved

    def _copy_secret(self) -> None:
        """Keep the secret, so that repeated messages are recognised; with a new secret only that is lost."""
        if not self._seal.encrypted and self._one("SELECT 1 FROM payloads WHERE encrypted = 1") is not None:
            raise ConfigError("spool.key_file: is not set, but the spool is encrypted; name the file of its key")
        found = self._one("SELECT secret, encrypted, time, secret_sum FROM spool")
        secret, encrypted, time, secret_sum = found or (None,) * 4
        if isinstance(secret, bytes) and secret_sum == secret_sum_of(secret, encrypted):
            if encrypted:
                encrypt_secret(self._fresh, self._opened(secret), self._seal)
            else:
                self._fresh.execute(REMEMBER, (secret, encrypted, secret_sum))
        elif self._seal.encrypted and not self._has_tags:  # its origin is unproven: `hilum spool accept`
            self._fresh.execute(REMEMBER, (new := os.urandom(32), False, secret_sum_of(new, False)))
        if isinstance(time, float) and 0 <= time < 2.5e11:
            self._fresh.execute("UPDATE spool SET time = ?", (time,))

    def _opened(self, secret: bytes) -> bytes:
        """Return the secret; how it was sealed tells whether the deliveries were bound to their records."""
        try:
            return open_secret(secret, self._seal, VERSION)
        except ConfigError:
            opened = open_secret(secret, self._seal, 0)
        self._unbound = True
        return opened

    def _destinations(self, known: Sequence[str]) -> dict[int, str]:
        """Return the names by number, each read from the table and from its index, which may differ by a bit."""
        rows = [*self._all("SELECT id, name FROM destinations NOT INDEXED"), *self._all(NAMES_BY_INDEX)]
        names: dict[int, str] = {}
        for number, name in rows:
            if isinstance(number, int) and isinstance(name, str) and (names.get(number) not in known):
                names[number] = name
        free = {name: number for number, name in names.items()}
        return {number: name for number, name in names.items() if free[name] == number}

    def _numbers(self) -> list[int]:
        """Return the number of every message that any table or index names, read from both ends of each."""
        found = {
            row[0] for sql in NUMBERS for row in self._all(sql) if isinstance(row[0], int) and 0 < row[0] < LARGEST
        }
        return sorted(found)

    def _save(self, seq: int) -> None:
        message = self._one(MESSAGE, seq)
        deliveries = self._deliveries_of(seq)
        has_payload = self._one("SELECT 1 FROM payloads WHERE message = ?", seq) is not None
        if message is None or not deliveries or not _is_sound(message):
            self._saved.lost.append(seq)
            return
        ended = not has_payload and all(row[2] in (DELIVERED, DISCARDED) for row in deliveries)
        payload = payload_of(self._one(PAYLOAD, seq))
        whole = payload is not None and is_intact(payload, self._old, seal_for(payload, self._seal))
        if ended:
            self._saved.records += 1
        elif whole:
            self._saved.messages += 1
        else:
            self._saved.parked.append(seq)
        self._write(seq, message, deliveries, payload if whole and not ended else None, ended=ended)

    def _deliveries_of(self, seq: int) -> list[tuple[Any, ...]]:
        """Return the rows of a message's deliveries; a delivery that only the index has gets a row from the index."""
        rows = [row for row in self._all(self._deliveries, seq) if row[0] in self._names and row[2] in STATES]
        found = {row[0]: row for row in reversed(rows)}
        for number in self._names.keys() - found.keys():
            for state in STATES:
                if self._agrees(seq, number, state):
                    found[number] = (number, None, state, 0, 0, None, None, None, None)
                    break
        return list(found.values())

    def _write(
        self, seq: int, message: tuple[Any, ...], deliveries: Iterable[Any], payload: Payload | None, *, ended: bool
    ) -> None:
        listener, header, header_sum, size, digest, received_at, committed_at, ended_at = message
        values = (listener, header, header_sum, size, digest)
        times = (received_at, committed_at, (ended_at or committed_at) if ended else None)
        self._fresh.execute(INSERT_MESSAGE, (seq, *values, *times))
        if payload is not None:
            if payload.file is not None:
                _take_file(self._old / payload.file, self._new / payload.file)
            row = seq, payload.encrypted, payload.data, payload.file
            self._fresh.execute("INSERT INTO payloads (message, encrypted, data, file) VALUES (?, ?, ?, ?)", row)
        decided = [self._is_decided(seq, row) for row in deliveries]
        if payload is not None and all(decided):  # then the payload would be gone: one of them waits, unknown which
            decided = [False] * len(decided)
        for row, done in zip(deliveries, decided, strict=True):
            self._write_delivery(seq, row, size, ended=ended, whole=payload is not None, done=done)

    def _write_delivery(
        self, seq: int, row: tuple[Any, ...], size: int, *, ended: bool, whole: bool, done: bool
    ) -> None:
        destination, ordering_key, state, queued, attempts, reason, settled_at, name, tag = row
        ordering_key = ordering_key if isinstance(ordering_key, bytes) else None
        if not ended and not done:
            parked = state == PARKED and self._agrees(seq, destination, state)
            state = PARKED if parked or not whole else WAITING
            reason = reason if whole else DAMAGED
        waits = state == WAITING
        self._fresh.execute(
            INSERT_DELIVERY,
            (
                seq,
                destination,
                ordering_key,
                state,
                waits or (state == PARKED and whole and queued == 1),
                False,  # RESTORE_FRONTS sets it once all rows are there
                attempts if isinstance(attempts, int) else 0,
                reason if isinstance(reason, str) else None,
                None if waits else settled_at if isinstance(settled_at, float) else 0.0,
                size,
                name if isinstance(name, bytes) else None,
                tag,
            ),
        )

    def _is_decided(self, seq: int, row: tuple[Any, ...]) -> bool:
        return row[2] in (DELIVERED, DISCARDED) and self._agrees(seq, row[0], row[2])

    def _agrees(self, seq: int, destination: int, state: int) -> bool:
        """Tell whether the index has the delivery in the same state as its row."""
        return self._one(STATE_BY_INDEX, destination, state, seq) is not None

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        return next(iter(self._all(sql, *values)), None)

    def _all(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield rows as far as they can be read."""
        with suppress(*ERRORS):
            yield from self._damaged.execute(sql, values)


def _is_sound(message: tuple[Any, ...]) -> bool:
    listener, header, header_sum, size, digest, received_at, committed_at, ended_at = message
    kinds: list[tuple[object, Any]] = [
        (listener, str),
        (header_sum, int),
        (size, int),
        (digest, bytes),
        (received_at, float),
    ]
    kinds += [(received_at, float), (committed_at, float), (ended_at, float | None)]
    try:
        checked_header(header, header_sum)
    except PayloadDamaged:
        return False
    return all(isinstance(value, kind) for value, kind in kinds)


def _take_file(old: Path, new: Path) -> None:
    """Hard-link a payload file, or copy it if that fails."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
        new.chmod(0o600)
    with new.open("rb") as file:
        os.fsync(file.fileno())


NUMBERS = (
    "SELECT seq FROM messages NOT INDEXED ORDER BY 1 ASC",
    "SELECT seq FROM messages NOT INDEXED ORDER BY 1 DESC",
    "SELECT message FROM deliveries NOT INDEXED ORDER BY 1 ASC",
    "SELECT message FROM deliveries NOT INDEXED ORDER BY 1 DESC",
    "SELECT message FROM payloads NOT INDEXED ORDER BY 1 ASC",
    "SELECT message FROM payloads NOT INDEXED ORDER BY 1 DESC",
    "SELECT message FROM deliveries INDEXED BY by_state ORDER BY 1 ASC",
    "SELECT message FROM deliveries INDEXED BY by_state ORDER BY 1 DESC",
)
"""Each table and index that names messages, from both ends: a read ends at the first page that is damaged."""
REMEMBER = "UPDATE spool SET secret = ?, encrypted = ?, secret_sum = ?"
INSERT_MESSAGE = """
INSERT INTO messages (seq, listener, header, header_sum, size, digest, received_at, committed_at, ended_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_DELIVERY = """
INSERT INTO deliveries (message, destination, lane, state, queued, front, attempts, reason, settled_at, size, name, tag)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
NAMES_BY_INDEX = "SELECT id, name FROM destinations INDEXED BY sqlite_autoindex_destinations_1 WHERE name > ''"
MESSAGE = """
SELECT listener, header, header_sum, size, digest, received_at, committed_at, ended_at FROM messages WHERE seq = ?
"""
DELIVERIES = """
SELECT destination, lane, state, queued, attempts, reason, settled_at, name, tag FROM deliveries NOT INDEXED
WHERE message = ?
"""
# Version 2 had no tags, version 1 no names either.
DELIVERIES_OF_2 = """
SELECT destination, lane, state, queued, attempts, reason, settled_at, name, NULL FROM deliveries NOT INDEXED
WHERE message = ?
"""
DELIVERIES_OF_1 = """
SELECT destination, lane, state, queued, attempts, reason, settled_at, NULL, NULL FROM deliveries NOT INDEXED
WHERE message = ?
"""
PAYLOAD = """
SELECT m.size, m.digest, p.encrypted, p.data, p.file FROM payloads p JOIN messages m ON m.seq = p.message
WHERE p.message = ?
"""
STATE_BY_INDEX = """
SELECT 1 FROM deliveries INDEXED BY by_state WHERE destination = ? AND state = ? AND message = ?
"""
