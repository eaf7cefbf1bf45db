"""Opens a copy of a damaged database far enough to read what can be read.

In a damaged file header every value that is the same in all spools is restored. A damaged list of tables is replaced by
that of a fresh spool, whose tables were made in the same order. What is read then may be nonsense: the caller has to
check it.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from gateway.spool.damage import ERRORS
from gateway.spool.database.connections import DATABASE

PAGE = 4096
"""Octets of a page in each of our databases."""
TRIES = (
    "SELECT * FROM spool LIMIT 0",
    "SELECT * FROM destinations LIMIT 0",
    "SELECT * FROM messages LIMIT 0",
    "SELECT * FROM payloads LIMIT 0",
    "SELECT * FROM deliveries LIMIT 0",
)
"""Each fails where its table is not in the list of tables."""


def copy_database(source: Path, copy: Path) -> None:
    """Copy the database in the folder *source*, and its log, octet by octet."""
    for suffix in ("", "-wal"):
        path = source / f"{DATABASE}{suffix}"
        if path.exists():
            shutil.copyfile(path, f"{copy}{suffix}")
            Path(f"{copy}{suffix}").chmod(0o600)


def open_damaged(copy: Path, fresh: Path) -> sqlite3.Connection:
    """Open *copy*; if that fails, restore its header, and then its list of tables from the *fresh* database."""
    with suppress(*ERRORS):
        return _open_and_try(copy)
    with copy.open("r+b") as file:
        file.write(_header(file.read(100)))
    with suppress(*ERRORS):
        return _open_and_try(copy)
    _replace_schema(copy, fresh)
    return _open(copy)


def _open(copy: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.text_factory = lambda stored: stored.decode(errors="replace")
    return connection


def _open_and_try(copy: Path) -> sqlite3.Connection:
    connection = _open(copy)
    try:
        for each in TRIES:
            connection.execute(each)
    except BaseException:
        connection.close()
        raise
    return connection


def _header(found: bytes) -> bytes:
    """Return the header of a database file, with every value restored that is the same in all spools."""
    header = bytearray(found.ljust(100, b"\0"))
    header[0:24] = b"SQLite format 3\0" + PAGE.to_bytes(2, "big") + bytes([2, 2, 0, 64, 32, 32])
    header[28:40] = bytes(12)  # size in pages: SQLite takes it from the file; no free pages
    header[44:72] = (4).to_bytes(4, "big") + bytes(8) + (1).to_bytes(4, "big") + bytes(12)
    header[72:92] = bytes(20)
    return bytes(header)


def _replace_schema(copy: Path, model: Path) -> None:
    """Put the list of tables of a fresh database in the place of a damaged one: tables are made in the same order."""
    with closing(sqlite3.connect(model)) as fresh:
        octets = fresh.serialize()
    pages = [1]
    if octets[100] == 5:  # an inner page of a b-tree: its leaves hold the list
        cells = int.from_bytes(octets[103:105], "big")
        pointers = [int.from_bytes(octets[112 + 2 * i : 114 + 2 * i], "big") for i in range(cells)]
        pages += [int.from_bytes(octets[pointer : pointer + 4], "big") for pointer in pointers]
        pages.append(int.from_bytes(octets[108:112], "big"))
    with copy.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(octets[(page - 1) * PAGE : page * PAGE])
        file.seek(0)
        file.write(_header(octets[:100]))
