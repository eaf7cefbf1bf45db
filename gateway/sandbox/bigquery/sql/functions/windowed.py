"""Functions that stand only with OVER."""

from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import FLOAT64, INT64
from gateway.sandbox.bigquery.sql.values import Value, as_type


def _need(name: str, over: str) -> None:
    if not over:
        raise QueryRefused(f"the function {name} without OVER")


def _rank(name: str) -> Special:
    def function(_: Compiler, nodes: list[Any], over: str) -> Value:
        _need(name, over)
        counted(name, nodes, 0, 0)
        kind = FLOAT64 if name in {"PERCENT_RANK", "CUME_DIST"} else INT64
        return Value(f"{name.lower()}() {over}", kind)

    return function


def _shifted(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        _need(name, over)
        counted(name, nodes, 1, 3)
        values = [expressions.value(each) for each in nodes]
        texts = [values[0].sql]
        if len(values) > 1:
            if not values[1].raw.removesuffix("::BIGINT").isdecimal():
                raise QueryRefused(f"the function {name} with an offset that is no number")
            texts.append(values[1].sql)
        if len(values) == 3:
            default = as_type(values[2], values[0].type)
            if default is None:
                raise QueryRefused(f"the function {name} with a default of another type")
            texts.append(default.sql)
        return Value(f"{name.lower()}({', '.join(texts)}) {over}", values[0].type)

    return function


def _edge(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        _need(name, over)
        counted(name, nodes, 1, 1)
        node, nulls = nodes[0], ""
        if type(node).__name__ in {"IgnoreNulls", "RespectNulls"}:
            nulls, node = (" IGNORE NULLS" if type(node).__name__ == "IgnoreNulls" else ""), node.this
        value = expressions.value(node)
        return Value(f"{name.lower()}({value.sql}{nulls}) {over}", value.type)

    return function


SPECIAL: dict[str, Special] = {
    **{name: _rank(name) for name in ("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST")},
    **{name: _shifted(name) for name in ("LAG", "LEAD")},
    **{name: _edge(name) for name in ("FIRST_VALUE", "LAST_VALUE")},
}
