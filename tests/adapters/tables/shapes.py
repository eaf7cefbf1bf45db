"""A small table for tests: things with a value, their time and what has happened to them."""

from typing import Any

import pytest

from adapters.tables.columns import Column
from adapters.tables.manifest import Shape

duckdb = pytest.importorskip("duckdb", reason="the extra `tables` is not installed")

THINGS = Shape(
    (Column("id"), Column("value", "INTEGER"), Column("at", "TIMESTAMP"), Column("change")), ("id",), "at", "change"
)
VALUES = Shape((Column("value", "INTEGER"),))


def thing(name: str, value: int | None, day: int, change: str = "CREATE") -> dict[str, Any]:
    """Return a row of THINGS, from a day of January 2026."""
    return {"id": name, "value": value, "at": f"2026-01-{day:02}T00:00:00Z", "change": change}
