"""Results of stages: whole or absent, named by all that they are made from."""

from pathlib import Path

import pytest

from adapters.pipeline.contract import Dead, Made, Reference
from adapters.pipeline.results import ResultDamagedError, Results, basis_of, digest_of
from adapters.tables.columns import Column

REFERENCE = Reference("north", "a/1.dcm", "v1", 17, "2026-01-01T00:00:00+00:00")
MADE = Made({"t": [{"a": 1}]}, {"t": (Column("a", "INTEGER"),)}, {"k.webp": b"\x00\xff"})


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Return an empty folder of results."""
    return Results(tmp_path / "work")


def test_as_written(results: Results) -> None:
    """What is written is read again: rows, columns, files."""
    name = digest_of("s", REFERENCE, "b")
    assert results.write("s", name, MADE) == "made"
    assert results.known("s") == {name: "made"}
    assert results.read("s", name, "made", REFERENCE) == Made(MADE.rows, MADE.columns, MADE.files, [])


def test_dead_letters(results: Results) -> None:
    """A result without rows but with reasons is told by its name; with rows it is a result."""
    dead = [Dead(REFERENCE, "s", "because")]
    assert results.write("s", "aa" * 32, Made(dead=dead)) == "dead"
    assert results.write("s", "bb" * 32, Made({"t": [{}]}, dead=dead)) == "made"
    assert results.known("s") == {"aa" * 32: "dead", "bb" * 32: "made"}
    assert results.read("s", "aa" * 32, "dead", REFERENCE).dead == dead
    results.remove("s", ["aa" * 32])
    assert results.known("s") == {"bb" * 32: "made"}


def test_name() -> None:
    """Each part of what a result is made from makes another name."""
    names = {
        digest_of("s", REFERENCE, "b"),
        digest_of("t", REFERENCE, "b"),
        digest_of("s", REFERENCE, "c"),
        digest_of("s", Reference("south", "a/1.dcm", "v1", 17), "b"),
        digest_of("s", Reference("north", "a/1.dcm", "v2", 17), "b"),
        digest_of("s", Reference("north", "a/\udcff.dcm", "v1", 17), "b"),
    }
    assert len(names) == 6
    assert basis_of("1", {"a": 1, "b": 2}) == basis_of("1", {"b": 2, "a": 1}) != basis_of("2", {"a": 1, "b": 2})


def test_damaged(results: Results, tmp_path: Path) -> None:
    """A damaged result is removed, so that the next run makes it again."""
    results.write("s", "ab" * 32, MADE)
    (path,) = (tmp_path / "work" / "s").glob("*/*")
    path.write_bytes(b'[{"t"')
    with pytest.raises(ResultDamagedError):
        results.read("s", "ab" * 32, "made", REFERENCE)
    assert results.known("s") == {}


def test_what_is_unfinished_goes(results: Results, tmp_path: Path) -> None:
    """A run removes what a killed one has left, and leaves nothing itself."""
    for name in ("unfinished", "beam-temp-rows-1"):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "x").write_bytes(b"a patient")
    results.begin()
    results.write("s", "ab" * 32, MADE)
    results.end()
    assert [each.name for each in (tmp_path / "work").iterdir()] == ["s"]


def test_for_the_owner_alone(results: Results, tmp_path: Path) -> None:
    """Nobody else can read the files."""
    results.write("s", "ab" * 32, MADE)
    for path in (tmp_path / "work").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
