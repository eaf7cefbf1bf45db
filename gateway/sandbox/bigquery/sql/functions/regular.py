"""Regular expressions: both databases have RE2. The expression must be a literal, because its groups count."""

import re
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted, no_over
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, refusing
from gateway.sandbox.bigquery.sql.types import BOOL, STRING, array, text
from gateway.sandbox.bigquery.sql.values import Value, as_type


def _parts(expressions: Compiler, name: str, nodes: list[Any], count: int) -> tuple[str, str, int]:
    counted(name, nodes, count, count)
    value, pattern = as_type(expressions.value(nodes[0]), STRING), expressions.value(nodes[1])
    if value is None or pattern.literal is None:
        raise QueryRefused(
            f"the function {name} with an expression that is no literal, or of something that is no STRING,"
        )
    try:
        groups = re.compile(pattern.literal).groups
    except re.error:
        raise QueryRefused(f"the function {name} with this expression") from None
    return value.sql, text(pattern.literal), groups


def _contains(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("REGEXP_CONTAINS", over)
    value, pattern, _ = _parts(expressions, "REGEXP_CONTAINS", nodes, 2)
    return Value(f"regexp_matches({value}, {pattern})", BOOL)


def _extract(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    """NULL without a match, where DuckDB returns an empty text; of an empty group it is not certain what is meant."""
    no_over("REGEXP_EXTRACT", over)
    value, pattern, groups = _parts(expressions, "REGEXP_EXTRACT", nodes, 2)
    if groups > 1:
        raise QueryRefused("the function REGEXP_EXTRACT with several groups")
    found = f"regexp_extract({value}, {pattern}, {groups})"
    empty = f" WHEN {found} = '' THEN {refusing('REGEXP_EXTRACT of an empty group')}" if groups else ""
    return Value(f"(CASE WHEN NOT regexp_matches({value}, {pattern}) THEN NULL{empty} ELSE {found} END)", STRING)


def _extract_all(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("REGEXP_EXTRACT_ALL", over)
    value, pattern, groups = _parts(expressions, "REGEXP_EXTRACT_ALL", nodes, 2)
    if groups > 1 or re.compile(eval_text(pattern)).match(""):
        raise QueryRefused("the function REGEXP_EXTRACT_ALL with several groups, or with empty matches,")
    return Value(f"regexp_extract_all({value}, {pattern}, {groups})", array(STRING))


def eval_text(literal: str) -> str:
    """Return the text of a literal of SQL."""
    return literal[1:-1].replace("''", "'")


def _replace(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("REGEXP_REPLACE", over)
    value, pattern, _ = _parts(expressions, "REGEXP_REPLACE", nodes, 3)
    replacement = expressions.value(nodes[2])
    if replacement.literal is None or re.compile(eval_text(pattern)).match(""):
        raise QueryRefused("the function REGEXP_REPLACE with a replacement that is no literal, or with empty matches,")
    if re.search(r"\\(?![0-9\\])", replacement.literal):
        raise QueryRefused("the function REGEXP_REPLACE with this replacement")
    return Value(f"regexp_replace({value}, {pattern}, {text(replacement.literal)}, 'g')", STRING)


SPECIAL: dict[str, Special] = {
    "REGEXP_CONTAINS": _contains,
    "REGEXP_EXTRACT": _extract,
    "REGEXP_EXTRACT_ALL": _extract_all,
    "REGEXP_REPLACE": _replace,
    "REGEXP_SUBSTR": _extract,
}
