"""Comparisons: types must be the same, and NaN is equal to nothing, which DuckDB sees otherwise."""

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import BOOL, COMPARABLE
from gateway.sandbox.bigquery.sql.values import Value, common


def truth(value: Value, construct: str) -> str:
    """Return the SQL of a BOOL."""
    if value.kind == "NULL":
        return "CAST(NULL AS BOOLEAN)"
    if value.kind != "BOOL":
        raise QueryRefused(f"{construct} of {value.kind}", "is no condition; BOOL is needed")
    return value.sql


def compare(operator: str, left: Value, right: Value) -> Value:
    """Return whether two values are equal, or in an order."""
    left, right = common([left, right], f"the comparison {operator}")
    if left.kind == "NULL":
        return Value(f"(CAST(NULL AS BIGINT) {operator} CAST(NULL AS BIGINT))", BOOL)
    if left.kind not in COMPARABLE:
        raise QueryRefused(f"the comparison of {left.kind}")
    plain = f"({left.sql} {operator} {right.sql})"
    if left.kind != "FLOAT64" or _is_number(left) or _is_number(right):
        if left.kind == "FLOAT64" and operator in {">", ">=", "<", "<=", "<>"}:
            return _without_nan(operator, left, right)
        return Value(plain, BOOL)
    if "DISTINCT" in operator:
        raise QueryRefused(f"{operator} of FLOAT64")
    return _without_nan(operator, left, right)


def _without_nan(operator: str, left: Value, right: Value) -> Value:
    unequal = "TRUE" if operator == "<>" else "FALSE"
    return Value(
        f"(CASE WHEN isnan({left.sql}) AND {right.sql} IS NOT NULL THEN {unequal}"
        f" WHEN isnan({right.sql}) AND {left.sql} IS NOT NULL THEN {unequal}"
        f" ELSE {left.sql} {operator} {right.sql} END)",
        BOOL,
    )


def _is_number(value: Value) -> bool:
    """Whether a value is a literal, which is not NaN: a comparison for equality with it needs no care."""
    return value.raw.startswith("CAST('") and value.raw.endswith("' AS DOUBLE)") and "nan" not in value.raw.lower()


def like(value: Value, pattern: Value) -> Value:
    """Return whether a text fits a pattern, in which a backslash takes the meaning of the next character away."""
    value, pattern = common([value, pattern], "LIKE")
    if value.kind != "STRING":
        raise QueryRefused(f"LIKE of {value.kind}")
    if pattern.literal is not None and (len(pattern.literal) - len(pattern.literal.rstrip("\\"))) % 2:
        raise QueryRefused("LIKE with a pattern that ends with a backslash")
    return Value(f"({value.sql} LIKE {pattern.sql} ESCAPE '\\')", BOOL)
