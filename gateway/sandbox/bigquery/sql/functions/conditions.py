"""IF, COALESCE, IFNULL, NULLIF and STRUCT."""

from typing import Any

from gateway.sandbox.bigquery.sql.comparing import compare
from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted, no_over
from gateway.sandbox.bigquery.sql.values import Value, common


def _if(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("IF", over)
    counted("IF", nodes, 3, 3)
    condition = expressions.boolean(nodes[0], "IF")
    yes, no = common([expressions.value(nodes[1]), expressions.value(nodes[2])], "IF")
    return Value(f"(CASE WHEN {condition} THEN {yes.sql} ELSE {no.sql} END)", yes.type)


def _coalesce(name: str, most: int) -> Special:
    def found(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, min(2, most), most)
        values = common([expressions.value(each) for each in nodes], name)
        return Value(f"coalesce({', '.join(each.sql for each in values)})", values[0].type)

    return found


def _nullif(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("NULLIF", over)
    counted("NULLIF", nodes, 2, 2)
    value, other = common([expressions.value(each) for each in nodes], "NULLIF")
    return Value(f"(CASE WHEN {compare('=', value, other).sql} THEN NULL ELSE {value.sql} END)", value.type)


def _struct(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("STRUCT", over)
    return expressions.struct(nodes)


SPECIAL: dict[str, Special] = {
    "IF": _if,
    "COALESCE": _coalesce("COALESCE", 50),
    "IFNULL": _coalesce("IFNULL", 2),
    "NULLIF": _nullif,
    "STRUCT": _struct,
}
