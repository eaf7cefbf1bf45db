"""ORDER BY: NULL is the least value, and then NaN, which DuckDB sees otherwise."""

from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
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


def ordinal(node: Any) -> int | None:
    """Return the number of a column that ORDER BY or GROUP BY names."""
    is_number = type(node).__name__ == "Literal" and not node.args.get("is_string") and str(node.this).isdecimal()
    return int(node.this) if is_number else None


def limits(node: Any, expressions: Compiler) -> str:
    """Return LIMIT and OFFSET."""
    text = ""
    for key, word in (("limit", "LIMIT"), ("offset", "OFFSET")):
        if (found := node.args.get(key)) is not None:
            value = expressions.value(found.expression)
            if value.kind != "INT64" or type(found.expression).__name__ not in {"Literal", "Parameter"}:
                raise QueryRefused(f"{word} with something else than a number")
            text += f" {word} {value.sql}"
    return text
