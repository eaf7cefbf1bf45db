"""Functions of arrays."""

from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted, no_over
from gateway.sandbox.bigquery.sql.numbers import joined
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing
from gateway.sandbox.bigquery.sql.types import INT64, STRING, array
from gateway.sandbox.bigquery.sql.values import Value, as_type

MOST_ITEMS = 1_000_000
"""So many items an array of GENERATE_ARRAY may have in BigQuery (1,048,576), about."""


def _array(expressions: Compiler, name: str, node: Any) -> Value:
    value = expressions.value(node)
    if value.type.element is None:
        raise QueryRefused(f"the function {name} of something that is no array")
    return value


def _length(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("ARRAY_LENGTH", over)
    counted("ARRAY_LENGTH", nodes, 1, 1)
    return Value(f"CAST(len({_array(expressions, 'ARRAY_LENGTH', nodes[0]).sql}) AS BIGINT)", INT64)


def _reverse(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("ARRAY_REVERSE", over)
    counted("ARRAY_REVERSE", nodes, 1, 1)
    value = _array(expressions, "ARRAY_REVERSE", nodes[0])
    return Value(f"list_reverse({value.sql})", value.type)


def _concat(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("ARRAY_CONCAT", over)
    counted("ARRAY_CONCAT", nodes, 1, 50)
    values = [_array(expressions, "ARRAY_CONCAT", each) for each in nodes]
    found = values[0]
    for each in values[1:]:
        found = joined(found, each)
    return found


def _to_string(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    """NULL items are left out, or have the third argument as their text."""
    no_over("ARRAY_TO_STRING", over)
    counted("ARRAY_TO_STRING", nodes, 2, 3)
    value = _array(expressions, "ARRAY_TO_STRING", nodes[0])
    value = as_type(value, array(STRING)) or value
    others = [as_type(expressions.value(each), STRING) for each in nodes[1:]]
    if value.type != array(STRING) or any(each is None for each in others):
        raise QueryRefused("the function ARRAY_TO_STRING of something else than STRING")
    texts = [each.sql for each in others if each]
    items = value.sql if len(texts) == 1 else f"list_transform({value.sql}, lambda x: coalesce(x, {texts[1]}))"
    return Value(
        f"(CASE WHEN {value.sql} IS NULL THEN NULL ELSE coalesce(array_to_string({items}, {texts[0]}), '') END)", STRING
    )


def _generate(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("GENERATE_ARRAY", over)
    counted("GENERATE_ARRAY", nodes, 2, 3)
    values = [expressions.value(each) for each in nodes]
    if {each.kind for each in values} != {"INT64"}:
        raise QueryRefused("the function GENERATE_ARRAY of something else than INT64")
    first, last = values[0].sql, values[1].sql
    step = values[2].sql if len(values) == 3 else "1::BIGINT"
    zero, many = failing("a step of 0"), failing("an array of too many items")
    nulls = " OR ".join(f"{each.sql} IS NULL" for each in values)
    return Value(
        f"(CASE WHEN {nulls} THEN NULL WHEN {step} = 0 THEN {zero}"
        f" WHEN abs(CAST({last} AS HUGEINT) - {first}) // greatest(abs({step}), 1) > {MOST_ITEMS} THEN {many}"
        f" ELSE generate_series({first}, {last}, {step}) END)",
        array(INT64),
    )


def _from_query(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("ARRAY", over)
    counted("ARRAY", nodes, 1, 1)
    if type(nodes[0]).__name__ not in {"Select", "Union", "Subquery"}:
        raise QueryRefused("the function ARRAY of something that is no query")
    return expressions.queries.array(nodes[0], expressions.scope)


SPECIAL: dict[str, Special] = {
    "ARRAY": _from_query,
    "ARRAY_LENGTH": _length,
    "ARRAY_REVERSE": _reverse,
    "ARRAY_CONCAT": _concat,
    "ARRAY_TO_STRING": _to_string,
    "GENERATE_ARRAY": _generate,
}
