"""Puts what a process has left in its intake log into the database, before anybody uses the spool."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from gateway.spool.database.ledger import Ledger
from gateway.spool.interface import DAMAGED, Parked
from gateway.spool.log.files import DAMAGED as KEPT
from gateway.spool.log.files import segments_of
from gateway.spool.log.moving import move
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, Record
from gateway.spool.log.segments import Flaw, Found, Told, read_segments
from gateway.spool.payloads.files import remove, sync_folder

log = structlog.get_logger()
Left = dict[int, tuple[CommittedRecord, dict[int, DeliveredRecord]]]
"""By their numbers, messages and what was delivered of them."""


def recover(connection: sqlite3.Connection, folder: Path) -> list[Told]:
    """Move what is in the log of a spool that this process has locked; keep and tell what is damaged.

    A segment goes once all of it is durable in the database. To do it twice does no harm: what the database has
    already is left out.
    """
    paths = segments_of(folder)
    found = read_segments(folder.name, {number: path.read_bytes() for number, path in paths.items()})
    if found.records:
        connection.execute("BEGIN IMMEDIATE")
        try:
            _put(connection, fold(found.records), found.torn)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
    _tell(folder, found.flaws, paths)
    _clear(paths, {each.segment for each in found.flaws})
    return found.flaws


def fold(records: Iterable[Record]) -> Left:
    """Return each message with what the records say was delivered of it."""
    left: Left = {}
    for record in records:
        if isinstance(record, CommittedRecord):
            left.setdefault(record.seq, (record, {}))
        elif record.seq in left and record.number in {each.number for each in left[record.seq][0].deliveries}:
            left[record.seq][1][record.number] = record
    return left


def put_log(connection: sqlite3.Connection, found: Found) -> list[CommittedRecord]:
    """Put what a log holds into a copy of its database, in the caller's transaction; return what waits of it.

    The log stays as it is.
    """
    left = {seq: each for seq, each in fold(found.records).items() if not _has(connection, seq)}
    _put(connection, left, found.torn)
    return [record for record, done in left.values() if len(done) < len(record.deliveries)]


def _put(connection: sqlite3.Connection, left: Left, torn: Set[int]) -> None:
    missing = {seq: each for seq, each in sorted(left.items()) if not _has(connection, seq)}
    numbers = _numbers(connection, {each.name for record, _ in missing.values() for each in record.deliveries})
    move(connection, [_renumbered(record, done, numbers) for record, done in missing.values()])
    _park(connection, [_renumbered(*missing[seq], numbers)[0] for seq in sorted(torn & missing.keys())])
    last = max((record for record, _ in left.values()), key=lambda record: record.committed_at, default=None)
    if last is not None:
        times = last.committed_at, last.received_at
        connection.execute("UPDATE spool SET time = ?1, wall = ?2 WHERE time <= ?1", times)


def _park(connection: sqlite3.Connection, torn: Iterable[CommittedRecord]) -> None:
    """Park messages that may not have been acknowledged, and lack their payload.

    A message that waits would make the same one a duplicate when it is sent again, and that would never be delivered.
    """
    ledger, why = Ledger(connection), Parked(DAMAGED)
    for record in torn:
        for each in record.deliveries:
            ledger.settle((record.seq, each.number), why, record.committed_at, record.received_at)


def _has(connection: sqlite3.Connection, seq: int) -> bool:
    return connection.execute("SELECT 1 FROM messages WHERE seq = ?", (seq,)).fetchone() is not None


def _numbers(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    connection.executemany("INSERT OR IGNORE INTO destinations (name) VALUES (?)", [(name,) for name in names])
    return {str(name): int(number) for name, number in connection.execute("SELECT name, id FROM destinations")}


def _renumbered(
    record: CommittedRecord, done: Mapping[int, DeliveredRecord], numbers: Mapping[str, int]
) -> tuple[CommittedRecord, Mapping[int, DeliveredRecord]]:
    """Return a message with the numbers that its destinations have in this database."""
    news = {each.number: numbers[each.name] for each in record.deliveries}
    deliveries = tuple(replace(each, number=news[each.number]) for each in record.deliveries)
    return replace(record, deliveries=deliveries), {news[number]: each for number, each in done.items()}


def _tell(folder: Path, flaws: Sequence[Told], paths: Mapping[int, Path]) -> None:
    for each in flaws:
        where = {
            "spool": folder.name,
            "segment": each.segment,
            "message_number": each.seq,
            "reason": str(each.flaw),
            "kept": f"{KEPT}{each.segment:010}" if each.segment in paths else None,
        }
        if each.flaw is Flaw.TORN:
            log.warning("intake_log_torn", **where)
        else:
            log.error("intake_log_damaged", **where)


def _clear(paths: Mapping[int, Path], damaged: set[int]) -> None:
    for number, path in paths.items():
        if number in damaged:
            path.replace(path.with_name(f"{KEPT}{path.name}"))
        else:
            remove(path)
    for parent in {path.parent for path in paths.values()}:
        sync_folder(parent)
