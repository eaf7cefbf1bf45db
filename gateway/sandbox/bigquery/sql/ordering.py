"""ORDER BY: NULL is the least value, and then NaN, which DuckDB sees otherwise."""

from typing import Any

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import COMPARABLE
from gateway.sandbox.bigquery.sql.values import Value


def ordered(value: Value, node: Any) -> str:
    """Return one item of ORDER BY for a value."""
    return ", ".join(f"{sql} {how}" for sql, how in keys(value, node))


def keys(value: Value, node: Any) -> list[tuple[str, str]]:
    """Return what is compared for one item of ORDER BY, and in which direction."""
    if value.kind not in COMPARABLE:
        raise QueryRefused(f"ORDER BY of {value.kind}")
    direction = "DESC" if node.args.get("desc") else "ASC"
    nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
    how = f"{direction} NULLS {nulls}"
    if value.kind == "FLOAT64":
        # A NULL stays NULL in both keys; of the others NaN is the least.
        return [(f"(NOT isnan({value.sql}))", how), (value.sql, how)]
    return [(value.sql, how)]
