"""The ledger of a pipeline: versions in the order in which they were seen, and what is forgotten."""

from pathlib import Path

import pytest

from adapters.pipeline.contract import Reference
from adapters.pipeline.ledger import Ledger
from gateway.contract.errors import ConfigError

A1, A2 = Reference("north", "a", "1", 5, "2026-01-01T00:00:00+00:00"), Reference("north", "a", "2", 6)
B = Reference("north", "b\udcff", "1", 7)


def test_versions(tmp_path: Path) -> None:
    """A version that the bucket has no more is known, and is not current; it is current again when it comes back."""
    with Ledger(tmp_path / "x" / "ledger") as ledger:
        ledger.listed("report", "north", [A1, B])
        ledger.listed("report", "north", [A2, B])
        assert [(each.reference, each.is_current) for each in ledger.known()] == [(A1, False), (B, True), (A2, True)]
        ledger.listed("report", "north", [A1])
        assert [each.reference for each in ledger.known() if each.is_current] == [A1]


def test_hospitals_and_sorts_are_apart(tmp_path: Path) -> None:
    """A listing says nothing of another hospital, nor of what is not listed."""
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.listed("report", "north", [A1])
        ledger.listed("image", "north", [B])
        ledger.listed("report", "south", [])
        assert all(each.is_current for each in ledger.known())


def test_the_same_listing_writes_nothing(tmp_path: Path) -> None:
    """Opening the ledger and a listing without news leave the file as it is."""
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        ledger.listed("report", "north", [A1])
    before = path.stat().st_mtime_ns
    with Ledger(path) as ledger:
        ledger.listed("report", "north", [A1])
        assert len(ledger.known()) == 1
    assert path.stat().st_mtime_ns == before
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]


def test_forgotten(tmp_path: Path) -> None:
    """What is forgotten stays so, of one hospital."""
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.forget("north", "uid", ["1.2", "1.3"])
        ledger.forget("north", "uid", ["1.2"])
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.forgotten("north", "uid") == {"1.2", "1.3"}
        assert ledger.forgotten("south", "uid") == ledger.forgotten("north", "accession") == frozenset()


def test_no_ledger(tmp_path: Path) -> None:
    """A file that is none is a mistake with its setting."""
    (tmp_path / "ledger").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(ConfigError, match=r"pipeline\.tables: .* is no usable ledger"), Ledger(tmp_path / "ledger"):
        pass
