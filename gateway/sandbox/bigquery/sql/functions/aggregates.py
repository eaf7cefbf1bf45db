"""Aggregate functions, also with OVER."""

from dataclasses import dataclass
from typing import Any

from gateway.sandbox.bigquery.sql.comparing import truth
from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted
from gateway.sandbox.bigquery.sql.ordering import ordered
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import BOOL, COMPARABLE, FLOAT64, INT64, NUMERIC, STRING, array
from gateway.sandbox.bigquery.sql.values import Value, as_type


@dataclass(frozen=True, slots=True)
class Taken:
    """The argument of an aggregate function with what stands behind it."""

    value: Value
    is_distinct: bool = False
    ignores_nulls: bool = False
    order: str = ""
    limit: int | None = None


def _taken(expressions: Compiler, node: Any, name: str, *, may: str = "") -> Taken:
    """Take the argument apart; *may* names what the function may have: d(istinct), n(ulls), o(rder), l(imit)."""
    limit, order, nulls, is_distinct = None, [], False, False
    if type(node).__name__ == "Limit" and "l" in may:
        limit, node = node.expression, node.this
        if type(limit).__name__ != "Literal" or not str(limit.this).isdecimal():
            raise QueryRefused(f"the function {name} with a LIMIT that is no number")
        limit = int(limit.this)
    if type(node).__name__ == "Order" and "o" in may:
        order, node = node.expressions, node.this
    if type(node).__name__ in {"IgnoreNulls", "RespectNulls"} and "n" in may:
        nulls, node = type(node).__name__ == "IgnoreNulls", node.this
    if type(node).__name__ == "Distinct" and "d" in may and len(node.expressions) == 1:
        is_distinct, node = True, node.expressions[0]
    value = expressions.value(node)
    if is_distinct and (value.kind not in COMPARABLE or value.kind == "FLOAT64"):
        raise QueryRefused(f"the function {name} with DISTINCT of {value.kind}")
    items = [ordered(expressions.value(each.this), each) for each in order]
    # Only what is collected can be the order of what is distinct.
    if is_distinct and items and (len(order) != 1 or expressions.value(order[0].this).raw != value.raw):
        raise QueryRefused(f"the function {name} with DISTINCT in the order of something else")
    return Taken(value, is_distinct, nulls, f" ORDER BY {', '.join(items)}" if items else "", limit)


def _over(over: str) -> str:
    return f" {over}" if over else ""


def _count(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("COUNT", nodes, 1, 1)
    if type(nodes[0]).__name__ == "Star":
        if nodes[0].args.get("except_") or nodes[0].args.get("replace"):
            raise QueryRefused("the function COUNT of * EXCEPT or REPLACE")
        return Value(f"count(*){_over(over)}", INT64)
    taken = _taken(expressions, nodes[0], "COUNT", may="d")
    return Value(f"count({'DISTINCT ' if taken.is_distinct else ''}{taken.value.sql}){_over(over)}", INT64)


def _countif(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("COUNTIF", nodes, 1, 1)
    condition = truth(expressions.value(nodes[0]), "COUNTIF")
    return Value(f"count(CASE WHEN {condition} THEN 1 END){_over(over)}", INT64)


def _approximate(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    """Return the exact number, which is an approximation, too."""
    counted("APPROX_COUNT_DISTINCT", nodes, 1, 1)
    value = expressions.value(nodes[0])
    if value.kind not in COMPARABLE or value.kind == "FLOAT64" or over:
        raise QueryRefused(f"the function APPROX_COUNT_DISTINCT of {value.kind}, or with OVER,")
    return Value(f"count(DISTINCT {value.sql})", INT64)


def _sum(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("SUM", nodes, 1, 1)
    taken = _taken(expressions, nodes[0], "SUM", may="d")
    kind, distinct = taken.value.kind, "DISTINCT " if taken.is_distinct else ""
    core = f"sum({distinct}{taken.value.sql}){_over(over)}"
    if kind == "INT64":
        return Value(f"CAST({core} AS BIGINT)", INT64)
    if kind == "FLOAT64":
        return Value(core, FLOAT64, is_unchecked=True)
    if kind == "NUMERIC":
        return Value(f"CAST({core} AS {NUMERIC.duckdb})", NUMERIC)
    raise QueryRefused(f"the function SUM of {kind}")


def _average(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("AVG", nodes, 1, 1)
    taken = _taken(expressions, nodes[0], "AVG", may="d")
    if taken.value.kind not in {"INT64", "FLOAT64"}:
        raise QueryRefused(f"the function AVG of {taken.value.kind}")
    distinct = "DISTINCT " if taken.is_distinct else ""
    return Value(f"avg({distinct}{taken.value.sql}){_over(over)}", FLOAT64, is_unchecked=True)


def _extreme(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        counted(name, nodes, 1, 1)
        value = expressions.value(nodes[0])
        if value.kind not in COMPARABLE:
            raise QueryRefused(f"the function {name} of {value.kind}")
        core = f"{name.lower()}({value.sql}){_over(over)}"
        if value.kind == "FLOAT64":
            nan = f"bool_or(isnan({value.sql})){_over(over)}"
            return Value(f"(CASE WHEN {nan} THEN CAST('nan' AS DOUBLE) ELSE {core} END)", FLOAT64)
        return Value(core, value.type)

    return function


def _any(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("ANY_VALUE", nodes, 1, 1)
    value = expressions.value(nodes[0])
    return Value(f"any_value({value.sql}){_over(over)}", value.type)


def _logical(name: str, function: str) -> Special:
    def found(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        counted(name, nodes, 1, 1)
        return Value(f"{function}({truth(expressions.value(nodes[0]), name)}){_over(over)}", BOOL)

    return found


def _spread(name: str, function: str) -> Special:
    def found(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        counted(name, nodes, 1, 1)
        value = as_type(expressions.value(nodes[0]), FLOAT64)
        if value is None:
            raise QueryRefused(f"the function {name} of something that is no number")
        return Value(f"{function}({value.sql}){_over(over)}", FLOAT64, is_unchecked=True)

    return found


def _array_agg(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    counted("ARRAY_AGG", nodes, 1, 1)
    taken = _taken(expressions, nodes[0], "ARRAY_AGG", may="dnol")
    value = taken.value
    if value.kind in {"ARRAY", "NULL"} or over:
        raise QueryRefused(f"the function ARRAY_AGG of {value.kind}, or with OVER,")
    distinct = "DISTINCT " if taken.is_distinct else ""
    filtered = f" FILTER (WHERE {value.sql} IS NOT NULL)" if taken.ignores_nulls else ""
    core = f"list({distinct}{value.sql}{taken.order}){filtered}"
    if taken.limit is not None:
        core = f"({core})[1:{taken.limit}]"
    return Value(core, array(value.type))


def _string_agg(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    """Return the texts in one; the order stands behind the last argument, whichever that is."""
    counted("STRING_AGG", nodes, 1, 2)
    separator, order = "','", ""
    if len(nodes) == 2:
        last = nodes[1]
        if type(last).__name__ == "Order":
            items = [ordered(expressions.value(each.this), each) for each in last.expressions]
            order, last = f" ORDER BY {', '.join(items)}", last.this
        text = expressions.value(last)
        if text.literal is None:
            raise QueryRefused("the function STRING_AGG with a delimiter that is no literal")
        separator = text.sql
    taken = _taken(expressions, nodes[0], "STRING_AGG", may="do" if len(nodes) == 1 else "d")
    if taken.value.kind != "STRING" or (taken.is_distinct and order) or over:
        raise QueryRefused("the function STRING_AGG of these arguments")
    distinct = "DISTINCT " if taken.is_distinct else ""
    return Value(f"string_agg({distinct}{taken.value.sql}, {separator}{order or taken.order})", STRING)


SPECIAL: dict[str, Special] = {
    "COUNT": _count,
    "COUNTIF": _countif,
    "APPROX_COUNT_DISTINCT": _approximate,
    "SUM": _sum,
    "AVG": _average,
    "MIN": _extreme("MIN"),
    "MAX": _extreme("MAX"),
    "ANY_VALUE": _any,
    "LOGICAL_AND": _logical("LOGICAL_AND", "bool_and"),
    "LOGICAL_OR": _logical("LOGICAL_OR", "bool_or"),
    "STDDEV": _spread("STDDEV", "stddev_samp"),
    "STDDEV_SAMP": _spread("STDDEV_SAMP", "stddev_samp"),
    "VARIANCE": _spread("VARIANCE", "var_samp"),
    "VAR_SAMP": _spread("VAR_SAMP", "var_samp"),
    "ARRAY_AGG": _array_agg,
    "STRING_AGG": _string_agg,
}
AGGREGATES = frozenset(SPECIAL)
