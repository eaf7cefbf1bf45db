"""Literals of numbers, and arithmetic."""

import re

from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing
from gateway.sandbox.bigquery.sql.types import DATE, FLOAT64, INT64, NUMERIC, STRING
from gateway.sandbox.bigquery.sql.values import Value, as_type, common

LEAST, MOST = -(2**63), 2**63 - 1
ZERO = failing("division by zero")


def int_literal(number: int) -> Value:
    """Return an INT64; DuckDB would take a smaller type, and overflow earlier."""
    if not LEAST <= number <= MOST:
        raise QueryRefused("a number", "is greater than an INT64 can be")
    return Value(f"({number}::BIGINT)" if number >= 0 else f"CAST('{number}' AS BIGINT)", INT64)


def number_literal(literal: str) -> Value:
    """Return what the digits of a literal mean; with a dot or an exponent it is a FLOAT64, never a decimal."""
    if re.fullmatch(r"-?\d+", literal):
        found = int_literal(int(literal))
        return Value(found.raw.strip("()") if int(literal) >= 0 else found.raw, INT64)
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", literal) or float(literal) in (
        float("inf"),
        float("-inf"),
    ):
        raise QueryRefused("a number of this form")
    return Value(f"CAST('{literal}' AS DOUBLE)", FLOAT64)


def negated(value: Value) -> Value:
    """Return the negative."""
    if value.kind not in {"INT64", "FLOAT64", "NUMERIC"}:
        raise QueryRefused(f"- before {value.kind}")
    return Value(f"(-{value.sql})", value.type)


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """Return the result of an operator between two values."""
    if operator == "||":
        return joined(left, right)
    if left.kind == "DATE" and right.kind == "INT64" and operator in "+-":
        return Value(f"({left.sql} {operator} CAST({right.sql} AS INTEGER))", DATE)
    if operator == "/":
        return _divided(left, right)
    left, right = common([left, right], operator)
    if left.kind == "NULL":
        return Value("CAST(NULL AS BIGINT)", INT64)
    if left.kind == "INT64":
        return Value(f"({left.sql} {operator} {right.sql})", INT64)
    if left.kind == "FLOAT64":
        return Value(f"({left.raw} {operator} {right.raw})", FLOAT64, is_unchecked=True)
    if left.kind == "NUMERIC" and operator in "+-":
        return Value(f"CAST({left.sql} {operator} {right.sql} AS {NUMERIC.duckdb})", NUMERIC)
    raise QueryRefused(f"{operator} of {left.kind}")


def _divided(left: Value, right: Value) -> Value:
    """``/`` is a FLOAT64 also for integers, and a division by zero is an error."""
    above, below = as_type(left, FLOAT64), as_type(right, FLOAT64)
    if above is None or below is None or "NUMERIC" in {left.kind, right.kind}:
        raise QueryRefused(f"/ of {left.kind} and {right.kind}")
    found = f"(CASE WHEN {below.sql} = 0 AND {above.sql} IS NOT NULL THEN {ZERO} ELSE {above.raw} / {below.sql} END)"
    return Value(found, FLOAT64, is_unchecked=True)


def joined(left: Value, right: Value) -> Value:
    """Return two texts, or two arrays, one behind the other; NULL if one of them is NULL."""
    left, right = common([left, right], "||")
    if left.kind == "NULL":
        return Value("CAST(NULL AS VARCHAR)", STRING)
    if left.kind in {"STRING", "BYTES"}:
        return Value(f"({left.sql} || {right.sql})", left.type)
    if left.kind == "ARRAY":
        either = f"{left.sql} IS NULL OR {right.sql} IS NULL"
        return Value(f"(CASE WHEN {either} THEN NULL ELSE list_concat({left.sql}, {right.sql}) END)", left.type)
    raise QueryRefused(f"|| of {left.kind}")
