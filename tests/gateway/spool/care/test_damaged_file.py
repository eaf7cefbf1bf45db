"""Opening what is hardly a database any more."""

from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool.care.damaged_file import copy_database, open_damaged
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.schema import connect, prepare
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new

PLACES = {
    "whole": (0, b""),
    "its name": (0, b"x" * 16),
    "the size of its pages": (16, b"\xff\xff"),
    "its versions": (18, b"\x07\x07"),
    "the format of its tables": (44, b"\xff" * 4),
    "its encoding": (56, b"\xff" * 4),
    "the whole header": (0, b"\0" * 100),
    "the list of tables": (100, b"\xff" * 500),
}


@pytest.mark.parametrize(("place", "octets"), PLACES.values(), ids=PLACES)
def test_open_damaged(tmp_path: Path, place: int, octets: bytes) -> None:
    """Whatever stands on the first page, the rows of the other pages are found."""
    for name in ("damaged", "fresh"):
        (tmp_path / name).mkdir()
        with closing(connect(tmp_path / name / "spool.db", 1024)) as connection:
            prepare(connection, Plain())
            if name == "damaged":
                for _ in range(3):
                    Ledger(connection).add(new(), 0.0)
    path = tmp_path / "damaged" / "spool.db"
    content = path.read_bytes()
    path.write_bytes(content[:place] + octets + content[place + len(octets) :])
    before = path.read_bytes()
    copy_database(path.parent, tmp_path / "copy.db")
    with closing(open_damaged(tmp_path / "copy.db", tmp_path / "fresh" / "spool.db")) as opened:
        assert [(1,), (2,), (3,)] == opened.execute("SELECT seq FROM messages NOT INDEXED").fetchall()
    assert before == path.read_bytes()
