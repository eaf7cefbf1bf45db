"""Opens the database of a spool's folder, after what its owner has to do first. All calls block."""

import fcntl
import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from gateway.contract.errors import ConfigError
from gateway.spool.damage import DAMAGED, check
from gateway.spool.database.ledger import existing_files
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.schema import (
    Start,
    connect,
    has_key,
    has_our_tables,
    has_our_triggers,
    note_log,
    prepare,
    start_of,
    version_of,
    write_over_the_unseen,
)
from gateway.spool.database.upgrade import upgrade
from gateway.spool.interface import SpoolDamaged
from gateway.spool.log.files import has_records
from gateway.spool.log.recovery import recover
from gateway.spool.payloads.files import make_folder, remove, sync_folder
from gateway.spool.payloads.seal import Seal
from gateway.spool.payloads.secret import NOT_SEALED

WRITER_CACHE_KIB = 32 * 1024
READER_CACHE_KIB = 8 * 1024
DATABASE = "spool.db"
BODIES = "bodies"
"""The folder of the payload files."""


class Connections(NamedTuple):
    """The connections of one spool."""

    write: sqlite3.Connection
    read: sqlite3.Connection
    browse: sqlite3.Connection
    start: Start

    def close(self) -> None:
        """Close them all."""
        for connection in (self.write, self.read, self.browse):
            connection.close()


def open_connections(folder: Path, seal: Seal, owner: bool) -> Connections:
    """Connect to the database in *folder*; its *owner* makes it if it is missing, and clears what a crash has left."""
    if owner:
        make_folder(folder / BODIES)
    path = folder / DATABASE
    with ExitStack() as stack:
        write = stack.enter_context(closing(connect(path, WRITER_CACHE_KIB)))
        if owner and seal.encrypted and has_records(folder) and not has_key(write):
            raise ConfigError(NOT_SEALED)
        start = _prepare(write, folder, seal, owner)
        upgrade(write, Pseudonyms(start.secret), owner, seal)
        if owner:
            _clear(write, folder)
            start = start_of(write, seal)  # with the time of what was recovered
        read, browse = [stack.enter_context(closing(connect(path, READER_CACHE_KIB))) for _ in range(2)]
        sync_folder(folder)
        stack.pop_all()
        return Connections(write, read, browse, start)


def _prepare(connection: sqlite3.Connection, folder: Path, seal: Seal, owner: bool) -> Start:
    if version_of(connection) > 0:
        return prepare(connection, seal, owner=owner)
    descriptor = os.open(folder.parent / "making", os.O_RDWR | os.O_CREAT, 0o600)
    try:  # one process at a time, so that of two first spools the second takes the secret of the first
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        siblings = sorted(path for path in folder.parent.glob(f"*/{DATABASE}") if path.parent != folder)
        return prepare(connection, seal, siblings, owner=owner)
    finally:
        os.close(descriptor)


def _clear(connection: sqlite3.Connection, folder: Path) -> None:
    """Check the database, and remove what a crash has left."""
    check(connection, folder / DATABASE)
    if not (has_our_tables(connection) and has_our_triggers(connection)):
        raise SpoolDamaged(DAMAGED)
    write_over_the_unseen(connection)
    recover(connection, folder)
    note_log(connection, exists=False)
    _remove_orphans(connection, folder / BODIES)


def _remove_orphans(connection: sqlite3.Connection, bodies: Path) -> None:
    """Remove the payload files that no row names: their messages were never committed, or have ended."""
    names = [path.name for path in bodies.iterdir()]
    for name in set(names) - existing_files(connection, names):
        remove(bodies / name)
