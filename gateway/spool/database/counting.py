"""Counts what spools hold, read-only: unlike when an owner or an operator opens them, their contents do not change.

If nobody has a database open, SQLite makes the files of its log beside it, and gives them to the database's owner.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gateway.spool.combined_operations import add_up
from gateway.spool.damage import ERRORS
from gateway.spool.database.connections import DATABASE
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.schema import read_beside
from gateway.spool.folders import existing_folders, spools_of
from gateway.spool.interface import SpoolDamaged, SpoolError, Total
from gateway.spool.log.asking import ask_and_wait
from gateway.spool.log.counting import totals_of_log
from gateway.spool.log.reading import read_log

WAIT_SECONDS = 0.5
"""How long an owner is waited for that has not put all into its database yet."""


def count(data_dir: Path) -> list[Total]:
    """Return the sums of all spools by destination and state; raises SpoolError if one of them cannot be read."""
    try:
        if not spools_of(data_dir).exists():
            return []
        next(spools_of(data_dir).iterdir(), None)  # a folder that may not be listed looks like an empty one
        return add_up(_totals(data_dir))
    except OSError as error:
        raise SpoolError(f"the spool cannot be read: {error.strerror}; run this as the user of hilum serve") from None
    except (*ERRORS, SpoolDamaged, KeyError, TypeError):
        raise SpoolError("a spool cannot be read; see `hilum spool verify`") from None


def _totals(data_dir: Path) -> Iterator[list[Total]]:
    for folder in existing_folders(data_dir):
        ask_and_wait(folder, WAIT_SECONDS)
        try:
            with closing(read_beside(folder / DATABASE)) as connection:
                yield totals_of(connection, folder)
        except ERRORS:
            if folder in existing_folders(data_dir):  # else it has just been removed or set aside
                raise


def totals_of(connection: sqlite3.Connection, folder: Path) -> list[Total]:
    """Return the sums of one spool, each message once, whatever its owner moves from the log meanwhile."""
    records = read_log(folder).records  # before the database, which has what is moved from now on
    connection.execute("BEGIN")  # all of what follows is read as it is at one moment
    try:
        return add_up([Queries(connection).totals(), totals_of_log(connection, records)])
    finally:
        connection.execute("ROLLBACK")
