"""Names on the disk."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.rest.name_ledger import NameLedger, ledger_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a ledger."""
    return ledger_path(tmp_path, "ledgers", "one", "x" * 1000)


def names_in(path: Path) -> list[str]:
    """Return the names that another process finds in the file."""
    program = (
        f"import sqlite3; print(*[name for name, _ in sqlite3.connect({str(path)!r}).execute('SELECT * FROM names')])"
    )
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()


def test_names_and_numbers(path: Path) -> None:
    """Names and numbers outlast the process; a number is replaced, old names are forgotten."""
    first = NameLedger(path)
    first.add([("a", 1), ("b", 2)], {"watermark": 2})
    first.add([("c", 3)], {"watermark": 3}, forget_before=2)
    first.close()
    second = NameLedger(path)
    assert ({"b": 2, "c": 3}, {"watermark": 3}) == (second.names(), second.state())
    second.close()


def test_known(path: Path) -> None:
    """Any number of names can be looked up."""
    ledger = NameLedger(path)
    ledger.add([(f"{number}", number) for number in range(2000)])
    asked = [f"{number}" for number in range(1000, 3000)]
    assert {f"{number}" for number in range(1000, 2000)} == ledger.known(asked)
    ledger.close()


def test_opened_again_in_the_same_process(path: Path) -> None:
    """A listener and a destination may have the ledger of one store: what each of them writes stays in the file."""
    first, second = NameLedger(path), NameLedger(path)
    assert [] == names_in(path)  # another process closes what it takes for the last connection
    first.add([("a", 1)])
    second.add([("b", 2)])
    assert ["a", "b"] == names_in(path)
    first.close()
    second.close()


def test_all_or_nothing(path: Path) -> None:
    """A transaction that fails changes nothing, and the next one works."""
    ledger = NameLedger(path)
    with pytest.raises(sqlite3.Error):
        ledger.add([("a", 1), ("b", None)])  # type: ignore[list-item]
    assert {} == ledger.names()
    ledger.add([("a", 1)])
    assert {"a": 1} == ledger.names()
    ledger.close()


def test_two_processes(path: Path) -> None:
    """Two that have the file open see each other's names."""
    one, other = NameLedger(path), NameLedger(path)
    one.add([("a", 1)])
    assert {"a"} == other.known(["a", "b"])
    one.close()
    other.close()


def test_paths(tmp_path: Path) -> None:
    """Each subject has a file of its own, whose name says nothing of it."""
    found = {ledger_path(tmp_path, "x", *subject) for subject in (("a", "b"), ("ab",), ("a",))}
    assert (3, {tmp_path / "x"}) == (len(found), {each.parent for each in found})


def test_remove(tmp_path: Path) -> None:
    """Names can be removed, and names from before a time left out."""
    ledger = NameLedger(tmp_path / "names")
    ledger.add([("a", 1), ("b", 2), ("c", 3)])
    ledger.remove(["b", "unknown"])
    assert {"c": 3} == ledger.names(2)
    ledger.close()
