"""A crosswalk file is made when it is needed, and no other file is taken for one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.deidentify.crosswalk.database import check, connect, unusable
from adapters.deidentify.crosswalk.sealing import Sealer
from adapters.deidentify.errors import CrosswalkError

SEALER = Sealer(bytes(range(32)))


def test_made(tmp_path: Path) -> None:
    """A file that is not there can be made; looking whether it can does not make it."""
    path = tmp_path / "crosswalk"
    check(path, SEALER)
    assert not path.exists()
    connect(path, SEALER).close()
    check(path, SEALER)
    connect(path, SEALER).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_unfinished(tmp_path: Path) -> None:
    """A file whose maker was killed before anything was in it is finished by the next."""
    path = tmp_path / "crosswalk"
    path.touch(0o600)
    check(path, SEALER)
    connect(path, SEALER).close()
    check(path, SEALER)


def other_database(path: Path) -> None:
    """Make a database of something else."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE patients (name)")


def newer(path: Path) -> None:
    """Make a crosswalk of a later version."""
    connect(path, SEALER).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


WRONG = {
    "no database": (lambda path: path.write_bytes(b"Smith 4815162" * 500), "no crosswalk of Hilum"),
    "another database": (other_database, "no crosswalk of Hilum"),
    "another key": (lambda path: connect(path, Sealer(bytes(32))).close(), "another key"),
    "newer": (newer, "newer Hilum"),
    "a folder": (lambda path: path.mkdir(), "no crosswalk of Hilum"),
}


@pytest.mark.parametrize(("make", "problem"), WRONG.values(), ids=WRONG)
def test_wrong(make: object, problem: str, tmp_path: Path) -> None:
    """Any other file is an error that says why and quotes nothing, and it stays as it is."""
    path = tmp_path / "crosswalk"
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    for use in (check, connect):
        with pytest.raises(CrosswalkError, match=problem) as caught:
            use(path, SEALER)
        assert "Smith" not in str(caught.value)
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_no_folder(tmp_path: Path) -> None:
    """A folder that does not exist is a mistake that is found at the start."""
    with pytest.raises(CrosswalkError, match="make that folder"):
        check(tmp_path / "none" / "crosswalk", SEALER)
    with pytest.raises(CrosswalkError, match="No such file"):
        connect(tmp_path / "none" / "crosswalk", SEALER)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable(tmp_path: Path) -> None:
    """A file that may not be read is an error."""
    path = tmp_path / "crosswalk"
    connect(path, SEALER).close()
    path.chmod(0)
    with pytest.raises(CrosswalkError):
        check(path, SEALER)


def test_reasons() -> None:
    """The reason is the name of the error, not its text."""
    assert "Smith" not in str(unusable(sqlite3.OperationalError("near Smith")))
    assert "No space left" in str(unusable(OSError(28, "No space left on device")))
