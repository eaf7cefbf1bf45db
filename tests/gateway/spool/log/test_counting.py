"""Counting what waits in a log."""

import sqlite3
from pathlib import Path

from gateway.spool.interface import State, Total
from gateway.spool.log.counting import totals_of_log
from gateway.spool.log.files import make_log_folder, path_of
from gateway.spool.log.records import seed_of, segment_head, write_committed, write_delivered
from tests.gateway.spool.log.logs import committed, delivered


def test_what_nobody_has_moved(tmp_path: Path) -> None:
    """What waits and is not in the database is counted, with its octets and the age of the oldest."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE messages (seq INTEGER PRIMARY KEY)")
    assert [] == totals_of_log(connection, tmp_path)
    connection.execute("INSERT INTO messages VALUES (1)")
    make_log_folder(tmp_path)
    seed = seed_of(tmp_path.name, 1)
    records = [committed(1), committed(2, b"four"), committed(3, received_at=0.5), committed(4)]
    written = [write_committed(each, seed) for each in records] + [write_delivered(delivered(4), seed)]
    path_of(tmp_path, 1).write_bytes(segment_head(tmp_path.name, 1) + b"".join(written))
    assert [Total("store", State.WAITING, 2, 9, 0.5)] == totals_of_log(connection, tmp_path)
    connection.close()
