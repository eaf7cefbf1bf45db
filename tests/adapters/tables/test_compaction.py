"""Compaction changes how many files there are, and nothing that a query can see."""

import random
from pathlib import Path

import pytest

from adapters.tables import compaction
from adapters.tables.columns import Column
from adapters.tables.compaction import MOST_NEW, MOST_SMALL, Compacted, compact, needs_compaction
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine, Result
from tests.adapters.tables.shapes import THINGS, VALUES, thing


def seen(tables: Tables) -> tuple[list[object], list[object]]:
    """Return what is true now, and all rows."""
    engine = Engine({"main": tables})
    found: list[Result] = [engine.query(f"SELECT * FROM {name} ORDER BY ALL") for name in ("t", "t_rows")]
    return list(found[0].rows), list(found[1].rows)


def test_nothing_changes(tmp_path: Path) -> None:
    """However rows, late rows, deletions and compactions follow each other, queries see the same."""
    chance = random.Random(24)
    tables, plain = Tables(tmp_path / "compacted"), Tables(tmp_path / "plain")
    for each in (tables, plain):
        each.create("t", THINGS)
    with tables.writer("t") as table, plain.writer("t") as other:
        for round_ in range(6):
            rows = [
                thing(
                    chance.choice("abcdefgh"),
                    chance.randrange(99),
                    chance.randrange(1, 9),
                    chance.choice(["UPDATE", "DELETE"]),
                )
                for _ in range(chance.randrange(1, 6))
            ]
            table.append(rows)
            other.append(rows)
            if chance.random() < 0.5:
                compact(table, whole=round_ % 4 == 0)
            assert seen(plain) == seen(tables)
        compact(table)
        assert [] == list(tables.manifest("t").of("new"))
        assert seen(plain) == seen(tables)


def test_few_files(tmp_path: Path) -> None:
    """Many segments become two parts; the old files go after their grace."""
    now = [0.0]
    tables = Tables(tmp_path, lambda: now[0])
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        for each in range(MOST_NEW + 1):
            assert not needs_compaction(table)
            table.append([thing("a", each, 1 + each % 9), thing(f"b{each}", each, 1)])
        assert needs_compaction(table)
        rows = 2 * (MOST_NEW + 1)
        assert Compacted(MOST_NEW + 1, 2, rows) == compact(table, whole=True)
        now[0] += 100
        table.append([thing("c", 1, 1)])
    assert 3 == len(list(tmp_path.glob("t/segments/*")))


def test_only_what_is_concerned(tmp_path: Path) -> None:
    """A segment without any of the new keys stays as it is."""
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        for name in "abc":
            table.append([thing(name, 1, 1)])
            compact(table)
        before = [each.name for each in table.manifest.of("current")]
        table.append([thing("b", 2, 2)])
        compact(table)
        after = [each.name for each in table.manifest.of("current")]
    assert ([before[0], before[2]], 3) == (after[:2], len(after))
    assert 1 == sum(each.rows for each in tables.manifest("t").of("history"))


@pytest.mark.parametrize("full", ["FULL", "FULL_ROWS"])
def test_small_ones_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str) -> None:
    """Segments are merged when there are many; those that are full, of octets or of rows, are left alone."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    with tables.writer("t") as table:
        for each in range(MOST_SMALL + 1):
            table.append([{"value": each}])
            compact(table)
        assert 1 == len(table.manifest.segments)
        monkeypatch.setattr(compaction, full, 1)
        for each in range(MOST_SMALL + 1):
            table.append([{"value": each}])
            compact(table)
        assert MOST_SMALL + 2 == len(table.manifest.segments)
        assert 2 * (MOST_SMALL + 1) == compact(table, whole=True).rows


def test_new_columns(tmp_path: Path) -> None:
    """Segments with different columns are merged into one with all of them, in the order of the table."""
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        table.append([thing("a", 1, 1)])
        table.append(
            [thing("a", 2, 2) | {"more": [{"x": "1"}]}], [Column("more", "RECORD", "REPEATED", (Column("x"),))]
        )
        table.append(
            [thing("b", 2, 2) | {"more": [{"y": 2}]}], [Column("more", "RECORD", "REPEATED", (Column("y", "INTEGER"),))]
        )
        compact(table)
        assert Compacted(2, 2, 3) == compact(table, whole=True)
    rows = Engine({"main": tables}).query("SELECT id, more FROM t ORDER BY id").rows
    assert [("a", [{"x": "1", "y": None}]), ("b", [{"x": None, "y": 2}])] == rows


def test_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few segments with many rows are compacted as well."""
    monkeypatch.setattr(compaction, "MOST_NEW_ROWS", 3)
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        table.append([thing(each, 1, 1) for each in "abc"])
        assert not needs_compaction(table)
        table.append([thing("d", 1, 1)])
        assert needs_compaction(table)
