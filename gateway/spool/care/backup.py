"""Copies spools while they are in use: the database as it is at one moment, then the payload files it names.

A file that is removed before it is copied belongs to a message that was delivered or discarded meanwhile: the copy then
records that too. A backup holds what waits at its moment; what was delivered afterwards is delivered again after a
restore.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.spool.damage import ERRORS, name_of
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.ledger import DELIVERED, DISCARDED, Ledger
from gateway.spool.database.schema import connect, note_log
from gateway.spool.folders import copy_number, existing_folders, spools_of
from gateway.spool.interface import Delivered
from gateway.spool.log.reading import problems_of, read_log
from gateway.spool.log.recovery import fold, put_log
from gateway.spool.log.segments import Found
from gateway.spool.owning.catching_up import catch_up
from gateway.spool.payloads.files import make_folder, sync_folder


@dataclass(slots=True)
class Copied:
    """What was copied of one spool."""

    name: str
    messages: int = 0
    files: int = 0
    gone: int = 0
    """Messages that were delivered or given up while they were copied."""
    missing: list[int] = field(default_factory=list)
    """The numbers of messages whose payload file is not there, although they wait: the spool is damaged."""
    logged: int = 0
    """Messages that wait and were in the intake log only: its owner could not move them."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each part of the intake log that is damaged, and is not in the copy."""


def back_up(data_dir: Path, target: Path) -> Iterator[Copied]:
    """Copy every spool into the new folder *target*, laid out as a data directory; raises ConfigError."""
    if target.exists() and any(target.iterdir()):
        raise ConfigError(f"{target}: is not empty; name a new folder")
    try:
        for folder in existing_folders(data_dir):
            catch_up([folder])
            yield _copy(folder, spools_of(target) / folder.name)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror}; make room or name another") from None
    except ERRORS as error:
        raise ConfigError(f"the spool cannot be copied: {name_of(error)}; check it with `hilum spool verify`") from None


def _copy(folder: Path, target: Path) -> Copied:
    make_folder(target / "bodies")
    found = _read_log(folder)  # before the database, which has what is moved from now on
    with closing(connect(target / DATABASE, READER_CACHE_KIB)) as copy:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as source:
            source.backup(copy)  # in one step: the copy shows one moment, and no writer waits for it
            copied = Copied(folder.name, problems=problems_of(folder))
            copy.execute("BEGIN IMMEDIATE")
            copied.logged = len(put_log(copy, found))
            copy.execute("COMMIT")
            copied.messages = int(copy.execute("SELECT count(*) FROM messages").fetchone()[0])
            for seq, name in copy.execute(FILES).fetchall():
                try:
                    _copy_file(folder / "bodies" / name, target / "bodies" / name)
                    copied.files += 1
                except FileNotFoundError:
                    _without_file(source, copy, seq, copied, waits=_waits_in_log(folder, seq))
        note_log(copy, exists=False)  # what was in it is in the copy
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy_number(folder, target)
    for each in (target / "bodies", target, target.parent):
        sync_folder(each)
    return copied


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        target.chmod(0o600)
        shutil.copyfileobj(old, new, 2**20)
        new.flush()


def _read_log(folder: Path) -> Found:
    """Return what is in the log, but for messages that are just being written to it."""
    try:
        found = read_log(folder)
        return Found([record for record in found.records if record.seq not in found.torn])
    except OSError as error:
        mend = "run this as the user of hilum serve"
        raise ConfigError(f"{folder}: the intake log cannot be read: {error.strerror}; {mend}") from None


def _waits_in_log(folder: Path, seq: int) -> bool:
    """Tell whether a message is in the log and has not been delivered to all its destinations."""
    record, done = fold(read_log(folder).records).get(seq, (None, {}))
    return record is not None and len(done) < len(record.deliveries)


def _without_file(
    source: sqlite3.Connection, copy: sqlite3.Connection, seq: int, copied: Copied, *, waits: bool
) -> None:
    """Record in the copy what has become of the message meanwhile; where it *waits* in the log, the database counts."""
    is_known = source.execute("SELECT 1 FROM messages WHERE seq = ?", (seq,)).fetchone() is not None
    has_payload = source.execute("SELECT 1 FROM payloads WHERE message = ?", (seq,)).fetchone() is not None
    if has_payload or (waits and not is_known):
        copied.missing.append(seq)
        return
    copied.gone += 1
    states = dict(source.execute("SELECT destination, state FROM deliveries WHERE message = ?", (seq,)).fetchall())
    ledger, wall = Ledger(copy), time.time()
    now = copy.execute("SELECT time FROM spool").fetchone()[0]
    open_ones = "SELECT destination FROM deliveries WHERE message = ? AND state < 2"
    for (destination,) in copy.execute(open_ones, (seq,)).fetchall():
        if states.get(destination, DELIVERED) == DISCARDED:
            ledger.discard((seq, destination), "given up while the backup was made", now, wall, "hilum spool backup")
        elif not ledger.settle((seq, destination), Delivered(), now, wall).done:  # it was parked, then retried
            ledger.retry((seq, destination))
            ledger.settle((seq, destination), Delivered(), now, wall)


FILES = "SELECT message, file FROM payloads WHERE file IS NOT NULL ORDER BY message"
