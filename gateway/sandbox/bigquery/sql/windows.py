"""What stands in the parentheses behind OVER."""

from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.ordering import ordered
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import COMPARABLE


def over(expressions: Compiler, node: Any) -> str:
    """Return ``OVER (…)``."""
    parts = []
    groups = [expressions.value(each) for each in node.args.get("partition_by") or []]
    if any(each.kind not in COMPARABLE or each.kind == "FLOAT64" for each in groups):
        raise QueryRefused("PARTITION BY of FLOAT64, or of a type that cannot be compared,")
    if groups:
        parts.append("PARTITION BY " + ", ".join(each.sql for each in groups))
    order = node.args.get("order")
    if order is not None:
        items = [ordered(expressions.value(each.this), each) for each in order.expressions]
        parts.append("ORDER BY " + ", ".join(items))
    spec = node.args.get("spec")
    if spec is not None:
        parts.append(_frame(spec))
    return f"OVER ({' '.join(parts)})"


def _frame(spec: Any) -> str:
    kind = spec.args.get("kind")
    start = _bound(spec.args.get("start"), spec.args.get("start_side"), str(kind))
    end = _bound(spec.args.get("end") or "CURRENT ROW", spec.args.get("end_side"), str(kind))
    return f"{kind} BETWEEN {start} AND {end}"


def _bound(bound: Any, side: str | None, kind: str) -> str:
    if bound == "CURRENT ROW":
        return "CURRENT ROW"
    if bound == "UNBOUNDED" and side in {"PRECEDING", "FOLLOWING"}:
        return f"UNBOUNDED {side}"
    if kind == "ROWS" and type(bound).__name__ == "Literal" and str(bound.this).isdecimal() and side:
        return f"{int(bound.this)} {side}"
    raise QueryRefused("a window frame of this form")
