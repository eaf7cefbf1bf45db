"""What is true now, whatever the order in which rows came and whatever compaction has done to them."""

import random
from pathlib import Path

from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from tests.adapters.tables.shapes import THINGS, thing


def current(tables: Tables) -> list[tuple[object, ...]]:
    """Return what is true now."""
    return list(Engine({"main": tables}).query("SELECT id, value FROM t ORDER BY id").rows)


def test_late_rows(tmp_path: Path) -> None:
    """A row that comes late does not replace a later one; of rows of one time the last that came is true."""
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        table.append([thing("a", 3, 3), thing("b", 1, 1), thing("b", 2, 1)])
        table.append([thing("a", 1, 1)])
    assert [("a", 3), ("b", 2)] == current(tables)


def test_a_deletion_and_what_follows(tmp_path: Path) -> None:
    """A deletion hides; what is created after it is there again."""
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        table.append([thing("a", 1, 1), thing("a", None, 2, "DELETE")])
        assert [] == current(tables)
        table.append([thing("a", 5, 3)])
    assert [("a", 5)] == current(tables)


def test_as_a_dictionary(tmp_path: Path) -> None:
    """For many random rows the view says what a dictionary says that is filled in their order."""
    chance = random.Random(24)
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    kept: dict[str, tuple[int, int, str]] = {}
    with tables.writer("t") as table:
        for _ in range(8):
            rows = [
                (
                    chance.choice("abcdefgh"),
                    chance.randrange(100),
                    chance.randrange(1, 9),
                    chance.choice(["UPDATE", "DELETE"]),
                )
                for _ in range(5)
            ]
            table.append([thing(*row) for row in rows])
            for name, value, day, change in rows:
                if name not in kept or kept[name][1] <= day:
                    kept[name] = (value, day, change)
    assert [(name, row[0]) for name, row in sorted(kept.items()) if row[2] != "DELETE"] == current(tables)
