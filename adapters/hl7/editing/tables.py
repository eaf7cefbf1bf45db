"""Reads the tables of ``map`` from CSV files (RFC 4180): two columns, the received value and what is written for it."""

import csv
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

MOST_OCTETS = 16 * 1024 * 1024
"""Largest file: the catalogues of a hospital are smaller, so a larger file is the wrong one."""
CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F)))
"""Control characters, which no HL7 field may hold."""


def read_table(path: Path) -> dict[str, str]:
    """Return the table in the regular file *path*; raises ValueError with the reason and what to do."""
    try:
        text = _octets(path).decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}; name a readable CSV file") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8; save it as UTF-8") from None
    return parse_table(text.splitlines(keepends=True), str(path))


def parse_table(lines: Iterable[str], name: str) -> dict[str, str]:
    """Return the table in the *lines* of the file *name*; raises ValueError, which repeats no value."""
    table: dict[str, str] = {}
    rows = csv.reader(lines, strict=True)
    try:
        for row in rows:
            if row:
                _add(table, row, f"{name} line {rows.line_num}")
    except csv.Error as error:
        raise ValueError(f"{name} line {rows.line_num} is not CSV ({error}); correct its quotation marks") from None
    if not table:
        raise ValueError(f"{name} holds no rows; add some, each with two columns")
    return table


def _add(table: dict[str, str], row: list[str], place: str) -> None:
    if len(row) != 2:
        raise ValueError(f"{place} does not have two columns; write one comma, and quote values that have a comma")
    value, written = row
    if not value:
        raise ValueError(f"{place} has an empty first column; an empty value is never looked up, remove the line")
    if CONTROLS & set(value + written):
        raise ValueError(f"{place} has a control character, which no HL7 field may hold; remove it")
    if table.setdefault(value, written) != written:
        raise ValueError(f"{place} has the first column of an earlier line; remove one of them")


def _octets(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe could block the whole process
        raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
    with path.open("rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise OSError(errno.EFBIG, "it is larger than 16 MiB", os.fspath(path))
    return octets
