"""The crosswalk file decides which pseudonym a patient has: for all processes, and after any of them was killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from adapters.deidentify.crosswalk import database, store
from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.errors import CrosswalkError
from tests.adapters.deidentify.crosswalk.support import KEY, pseudonyms

PATIENT = "patient", "hospital", "4815162"
MODULE = "tests.adapters.deidentify.crosswalk.support"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a crosswalk may be."""
    return tmp_path / "crosswalk"


def drawn() -> Iterator[str]:
    """Yield new pseudonyms."""
    return (f"PSEUDONYM{number}" for number in count())


def test_first_stays(path: Path) -> None:
    """What was recorded first is found by everybody, and after the file was opened again."""
    names = drawn()
    one, other = Crosswalk(path, KEY), Crosswalk(path, KEY)
    assert one.pseudonym("random", PATIENT, lambda: next(names)) == "PSEUDONYM0"
    assert other.pseudonym("random", PATIENT, lambda: next(names)) == "PSEUDONYM0"
    assert other.pseudonym("keyed", PATIENT, lambda: next(names)) == "PSEUDONYM1"
    one.close()
    other.close()
    again = Crosswalk(path, KEY)
    assert again.pseudonym("random", PATIENT, lambda: next(names)) == "PSEUDONYM0"
    entry = again.originals("PSEUDONYM0")
    assert entry is not None
    assert (entry.purpose, entry.domain, entry.value) == PATIENT
    assert again.originals("4815162") is None
    again.close()


def test_not_reversible(path: Path) -> None:
    """A shift of dates is recorded, but is no pseudonym that can be turned back; two patients may have the same."""
    crosswalk = Crosswalk(path, KEY)
    for number in "12":
        assert crosswalk.pseudonym("random", ("shift", "", number), lambda: "-7", reversible=False) == "-7"
    assert crosswalk.originals("-7") is None
    crosswalk.close()


def test_taken(path: Path) -> None:
    """A pseudonym that another identifier has already is drawn again; if that does not help, it is an error."""
    crosswalk = Crosswalk(path, KEY)
    crosswalk.pseudonym("random", PATIENT, lambda: "A")
    names = iter(["A", "A", "B"])
    assert crosswalk.pseudonym("random", ("patient", "", "2"), lambda: next(names)) == "B"
    with pytest.raises(CrosswalkError, match="another identifier"):
        crosswalk.pseudonym("random", ("patient", "", "3"), lambda: "A")
    crosswalk.close()


def test_sealed(path: Path) -> None:
    """No file of the crosswalk has an identifier or a pseudonym in the clear, and only its owner may read them."""
    crosswalk = Crosswalk(path, KEY)
    crosswalk.pseudonym("random", PATIENT, lambda: "PSEUDONYM0")
    crosswalk.settle()
    for each in path.parent.iterdir():
        assert not any(word in each.read_bytes() for word in (b"4815162", b"hospital", b"PSEUDONYM0")), each.name
        assert each.stat().st_mode & 0o077 == 0, each.name
    crosswalk.close()


def test_exchanged_rows(path: Path) -> None:
    """Who exchanges two rows is found out: nobody is given the pseudonym of somebody else."""
    names = drawn()
    crosswalk = Crosswalk(path, KEY)
    for number in "12":
        crosswalk.pseudonym("random", ("patient", "", number), lambda: next(names))
    crosswalk.close()
    with closing(sqlite3.connect(path)) as connection:
        one, other = connection.execute("SELECT tag, sealed FROM entries WHERE pseudonym IS NOT NULL").fetchall()
        connection.executemany("UPDATE entries SET sealed = ? WHERE tag = ?", [(one[1], other[0]), (other[1], one[0])])
        connection.commit()
    changed = Crosswalk(path, KEY)
    with pytest.raises(CrosswalkError, match="damaged"):
        changed.pseudonym("random", ("patient", "", "1"), lambda: next(names))
    with pytest.raises(CrosswalkError, match="damaged"):
        changed.originals("PSEUDONYM0")
    changed.close()


def test_settled_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced after each new entry, and after one that another process may just have made; not otherwise."""
    synced: list[str] = []
    monkeypatch.setattr(store, "sync", lambda path: synced.append(path.name))
    one, other = Crosswalk(path, KEY), Crosswalk(path, KEY)
    for crosswalk, times in ((one, 1), (one, 1), (other, 2), (one, 2)):
        crosswalk.pseudonym("random", PATIENT, lambda: "A")
        crosswalk.settle()
        assert synced == ["crosswalk-wal"] * times
    one.close()
    other.close()


def test_not_synced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails, it is an error each time, until it works."""
    crosswalk = Crosswalk(path, KEY)
    crosswalk.pseudonym("random", PATIENT, lambda: "A")

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store, "sync", fail)
        for _ in range(2):
            with pytest.raises(CrosswalkError, match="Input/output error"):
                crosswalk.settle()
    crosswalk.settle()
    crosswalk.close()


def test_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process writes for too long, it is an error that is no mistake of the message."""
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    crosswalk = Crosswalk(path, KEY)
    crosswalk.pseudonym("random", PATIENT, lambda: "A")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(CrosswalkError, match="SQLITE_BUSY"):
            crosswalk.pseudonym("random", ("patient", "", "2"), lambda: "B")
        connection.execute("ROLLBACK")
    assert crosswalk.pseudonym("random", ("patient", "", "2"), lambda: "B") == "B"
    crosswalk.close()


def test_threads(path: Path) -> None:
    """Threads of one process get the same pseudonym."""
    names, found = drawn(), list[str]()
    crosswalk = Crosswalk(path, KEY)

    def ask() -> None:
        for number in range(50):
            found.append(crosswalk.pseudonym("random", ("patient", "", str(number)), lambda: next(names)))
            crosswalk.settle()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 200
    assert len(set(found)) == 50
    crosswalk.close()


def start(path: Path, patients: int) -> subprocess.Popen[str]:
    """Start a process that will ask for the pseudonyms of so many patients."""
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(path), str(patients)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes(path: Path) -> None:
    """Processes that meet the same patients at the same time, in a file that is not there yet, agree on each."""
    processes = [start(path, 100) for _ in range(3)]
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    told = [each.communicate(timeout=120)[0] for each in processes]
    assert told[0] == told[1] == told[2]
    assert len(set(told[0].split("\n"))) == 101


def test_killed(path: Path) -> None:
    """After kill -9 every pseudonym that was told still stands."""
    process = start(path, 10**6)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    told = [process.stdout.readline() for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    whole = [line.rsplit(" ", 1)[1].strip() for line in told if line.endswith("\n")]
    with pseudonyms(path) as found:
        assert whole == [found.uid(f"1.2.{number}") for number in range(len(whole))]
