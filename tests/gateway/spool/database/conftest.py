"""A new database of a spool."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool.database.schema import connect, prepare
from gateway.spool.payloads.seal import Plain


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database."""
    with closing(connect(tmp_path / "spool.db", 1024)) as opened:
        prepare(opened, Plain())
        yield opened
