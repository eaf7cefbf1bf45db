"""A table is assembled of parts by their digests: what is there is not written again, and nothing else stays."""

import os
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")

from adapters.pipeline.dataset.assembling import PART_ROWS, Part, assemble, buckets_of, part_name
from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.manifest import Shape

SHAPE = Shape((Column("name"),))
READ: list[str] = []


def part(name: str, *rows: str) -> Part:
    """Return a part that says when it is read."""

    def read() -> list[dict[str, str]]:
        READ.append(name)
        return [{"name": each} for each in rows]

    return Part(name, read)


def rows_of(tables: Tables) -> list[str]:
    """Return what a reader sees."""
    engine = Engine({"main": tables})
    try:
        return sorted(row[0] for row in engine.query("SELECT name FROM things").rows)
    finally:
        engine.close()


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file and folder with its size and the time of its last change."""
    found = {}
    for root, folders, names in os.walk(folder):
        for each in (*folders, *names):
            status = (Path(root) / each).stat()
            found[f"{root}/{each}"] = (status.st_size, status.st_mtime_ns)
    return found


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """Return an empty folder of tables."""
    READ.clear()
    return Tables(tmp_path / "tables")


def test_a_second_time_writes_nothing(tables: Tables) -> None:
    """The same parts are neither read nor written, and no file changes; parts without rows are known, too."""
    parts = [part("aa", "1", "2"), part("bb", "3"), part("cc")]
    assert assemble(tables, "things", SHAPE, parts)
    before = files(tables.folder)
    assert not assemble(tables, "things", SHAPE, parts)
    assert READ == ["aa", "bb", "cc"]
    assert files(tables.folder) == before
    assert rows_of(tables) == ["1", "2", "3"]


def test_a_change_writes_what_has_changed(tables: Tables) -> None:
    """Only a new part is written, and what is replaced is gone from the disk at once."""
    assemble(tables, "things", SHAPE, [part("aa", "1"), part("bb", "2")])
    READ.clear()
    assert assemble(tables, "things", SHAPE, [part("aa", "1"), part("dd", "4")])
    assert READ == ["dd"]
    assert rows_of(tables) == ["1", "4"]
    assert sorted(each.name for each in (tables.folder / "things" / "segments").iterdir()) == [
        "aa.parquet",
        "dd.parquet",
    ]


def test_what_a_killed_run_has_left_goes(tables: Tables) -> None:
    """A segment that no manifest names, and an unfinished file, go although nothing else has changed."""
    parts = [part("aa", "1")]
    assemble(tables, "things", SHAPE, parts)
    for folder in ("segments", "unfinished"):
        (tables.folder / "things" / folder / "left.parquet").write_bytes(b"x")
        assert assemble(tables, "things", SHAPE, parts)
        assert not (tables.folder / "things" / folder / "left.parquet").exists()
    assert not assemble(tables, "things", SHAPE, parts)
    assert READ == ["aa"]


def test_new_columns(tables: Tables) -> None:
    """A part may bring columns that earlier ones do not have."""
    assemble(tables, "things", SHAPE, [part("aa", "1")])
    wider = Part("bb", lambda: [{"name": "2", "age": 3}], lambda: [Column("age", "INTEGER")])
    assemble(tables, "things", SHAPE, [part("aa", "1"), wider])
    engine = Engine({"main": tables})
    try:
        assert sorted(engine.query("SELECT name, age FROM things").rows) == [("1", None), ("2", 3)]
    finally:
        engine.close()


def test_names_of_parts() -> None:
    """The order of the members does not count; a member more does."""
    assert part_name(["a", "b"]) == part_name(["b", "a"]) != part_name(["a"])


def test_buckets() -> None:
    """Few results are one part; many are divided by their digests, so that one new result changes one part."""
    assert buckets_of(["ab", "cd"]) == {"": ["ab", "cd"]}
    many = [f"{number:08x}" for number in range(0, 16**8, 16**8 // (PART_ROWS + 500))]
    found = buckets_of(many)
    assert len(found) == 16
    assert sorted(each for part in found.values() for each in part) == sorted(many)
