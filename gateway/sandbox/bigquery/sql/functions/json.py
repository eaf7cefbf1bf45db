"""Functions of JSON. A path must be a literal; numbers with a fraction are refused where their text is not certain."""

import re
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted, no_over
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing, refusing
from gateway.sandbox.bigquery.sql.types import BOOL, FLOAT64, INT64, JSON, STRING, Type, array, text
from gateway.sandbox.bigquery.sql.values import Value

STEP = re.compile(r"\.(?P<name>[A-Za-z_0-9]+)|\.\"(?P<quoted>[^\"\\]+)\"|\[(?P<index>\d{1,6})\]")


def path_of(literal: str) -> str:
    """Return DuckDB's path for a path of JSONPath."""
    found, at = "$", 1
    if not literal.startswith("$"):
        raise QueryRefused("a path of JSON that does not begin with $")
    while at < len(literal):
        step = STEP.match(literal, at)
        if step is None:
            raise QueryRefused("a path of JSON of this form")
        found += f"[{step['index']}]" if step["index"] else f'."{step["name"] or step["quoted"]}"'
        at = step.end()
    return text(found)


def _source(expressions: Compiler, name: str, nodes: list[Any]) -> tuple[Value, str, str]:
    """Return the value, its SQL as JSON, and the path."""
    counted(name, nodes, 1, 2)
    value = expressions.value(nodes[0])
    path = expressions.value(nodes[1]).literal if len(nodes) == 2 else "$"
    if path is None or value.kind not in {"JSON", "STRING"}:
        raise QueryRefused(f"the function {name} with a path that is no literal, or of {value.kind},")
    if value.kind == "JSON":
        return value, value.sql, path_of(path)
    problem = refusing(f"{name} of a text that is not JSON")
    checked = (
        f"(CASE WHEN json_valid({value.sql}) OR {value.sql} IS NULL THEN CAST({value.sql} AS JSON) ELSE {problem} END)"
    )
    return value, checked, path_of(path)


def _scalar_text(name: str, value: Value, sql: str, path: str) -> str:
    found, kind = f"json_extract_string({sql}, {path})", f"json_type({sql}, {path})"
    certain = "'^-?(0|[1-9][0-9]{0,14})\\.[0-9]{0,9}[1-9]$'" if value.kind == "JSON" else "'^$'"
    unsure = refusing(f"{name} of a number whose digits are not certain")
    return (
        f"(CASE WHEN {kind} IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL"
        f" WHEN {kind} = 'DOUBLE' AND NOT regexp_matches({found}, {certain}) THEN {unsure} ELSE {found} END)"
    )


def _value(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        return Value(_scalar_text(name, *_source(expressions, name, nodes)), STRING)

    return function


def _query(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        value, sql, path = _source(expressions, name, nodes)
        if value.kind != "JSON":
            raise QueryRefused(f"the function {name} of STRING")
        return Value(f"json_extract({sql}, {path})", JSON)

    return function


def _query_array(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        value, sql, path = _source(expressions, name, nodes)
        if value.kind != "JSON":
            raise QueryRefused(f"the function {name} of STRING")
        is_array = f"json_type({sql}, {path}) = 'ARRAY'"
        count = f"CAST(json_array_length({sql}, {path}) AS BIGINT)"
        items = f"list_transform(range({count}), lambda i: json_extract(json_extract({sql}, {path}), i))"
        return Value(f"(CASE WHEN {is_array} THEN {items} END)", array(JSON))

    return function


def _value_array(name: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        value, sql, path = _source(expressions, name, nodes)
        if value.kind != "JSON":
            raise QueryRefused(f"the function {name} of STRING")
        items = f"CAST(json_extract({sql}, {path}) AS JSON[])"
        kinds = f"list_transform({items}, lambda i: json_type(i))"
        unsure = refusing(f"{name} of an array with other items than texts, integers and truth values")
        odd = f"list_has_any({kinds}, ['OBJECT', 'ARRAY', 'NULL', 'DOUBLE']) OR list_count({kinds}) < len({kinds})"
        texts = f"CAST(json_extract_string({sql}, {path}) AS VARCHAR)"
        found = f"list_transform({items}, lambda i: json_extract_string(i, '$'))"
        return Value(
            f"(CASE WHEN json_type({sql}, {path}) <> 'ARRAY' OR {texts} IS NULL THEN NULL WHEN {odd} THEN {unsure}"
            f" ELSE {found} END)",
            array(STRING),
        )

    return function


def _convert(name: str, kind: Type, types: str, converted: str) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 1, 1)
        value = expressions.value(nodes[0])
        if value.kind != "JSON":
            raise QueryRefused(f"the function {name} of {value.kind}")
        problem = failing(f"a value of JSON is no {kind}")
        if name == "INT64":
            unsure = refusing("INT64 of a JSON number with a fraction")
            problem = f"(CASE WHEN json_type({value.sql}) = 'DOUBLE' THEN {unsure} ELSE {problem} END)"
        return Value(
            f"(CASE WHEN {value.sql} IS NULL THEN NULL WHEN json_type({value.sql}) IN ({types}) THEN"
            f" {converted.format(value.sql)} ELSE {problem} END)",
            kind,
        )

    return function


def _parse(*, safe: bool) -> Special:
    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over("PARSE_JSON", over)
        counted("PARSE_JSON", nodes, 1, 1)
        value = expressions.value(nodes[0])
        if value.kind != "STRING":
            raise QueryRefused(f"the function PARSE_JSON of {value.kind}")
        return Value(f"{'TRY_' if safe else ''}CAST({value.sql} AS JSON)", JSON)

    return function


def _to_text(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("TO_JSON_STRING", over)
    counted("TO_JSON_STRING", nodes, 1, 1)
    value = expressions.value(nodes[0])
    if value.kind not in {"STRING", "BOOL"}:
        raise QueryRefused(f"the function TO_JSON_STRING of {value.kind}")
    return Value(f"(CASE WHEN {value.sql} IS NULL THEN 'null' ELSE CAST(to_json({value.sql}) AS VARCHAR) END)", STRING)


def _kind(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("JSON_TYPE", over)
    counted("JSON_TYPE", nodes, 1, 1)
    value = expressions.value(nodes[0])
    if value.kind != "JSON":
        raise QueryRefused(f"the function JSON_TYPE of {value.kind}")
    found = f"json_type({value.sql})"
    names = "WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'NULL' THEN 'null' WHEN 'VARCHAR' THEN 'string'"
    other = f"WHEN 'BOOLEAN' THEN 'boolean' ELSE CASE WHEN {value.sql} IS NOT NULL THEN 'number' END"
    return Value(f"(CASE {found} {names} {other} END)", STRING)


INTEGERS = "'BIGINT', 'UBIGINT'"
SPECIAL: dict[str, Special] = {
    **{name: _value(name) for name in ("JSON_VALUE", "JSON_EXTRACT_SCALAR")},
    **{name: _query(name) for name in ("JSON_QUERY", "JSON_EXTRACT")},
    **{name: _query_array(name) for name in ("JSON_QUERY_ARRAY", "JSON_EXTRACT_ARRAY")},
    **{name: _value_array(name) for name in ("JSON_VALUE_ARRAY", "JSON_EXTRACT_STRING_ARRAY")},
    "INT64": _convert("INT64", INT64, INTEGERS, "CAST({0} AS BIGINT)"),
    "FLOAT64": _convert("FLOAT64", FLOAT64, f"{INTEGERS}, 'DOUBLE'", "CAST({0} AS DOUBLE)"),
    "BOOL": _convert("BOOL", BOOL, "'BOOLEAN'", "CAST({0} AS BOOLEAN)"),
    "STRING": _convert("STRING", STRING, "'VARCHAR'", "json_extract_string({0}, '$')"),
    "PARSE_JSON": _parse(safe=False),
    "SAFE.PARSE_JSON": _parse(safe=True),
    "TO_JSON_STRING": _to_text,
    "JSON_TYPE": _kind,
}
