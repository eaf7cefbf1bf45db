"""The table of functions: a name, the types of its arguments, the SQL of DuckDB, and the type of the result."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions import (
    aggregates,
    arrays,
    conditions,
    dates,
    formats,
    json,
    mathematics,
    regular,
    texts,
    windowed,
)
from gateway.sandbox.bigquery.sql.functions.forms import Form, Special
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import Type
from gateway.sandbox.bigquery.sql.values import Value, as_type


def table() -> tuple[Mapping[str, Sequence[Form]], Mapping[str, Special]]:
    """Return all functions: those that are forms, and those with a function of their own."""
    forms: dict[str, Sequence[Form]] = {}
    special: dict[str, Special] = {}
    for module in (texts, mathematics, dates):
        forms |= module.FORMS
    for module in (aggregates, arrays, conditions, dates, formats, json, mathematics, regular, texts, windowed):
        special |= module.SPECIAL
    return forms, special


FUNCTIONS = table()


def call(expressions: Compiler, name: str, nodes: list[Any], over: str = "") -> Value:
    """Return the result of a call; refuses a function, or types of arguments, that are not known."""
    forms, special = FUNCTIONS
    if name in special:
        return special[name](expressions, nodes, over)
    if name not in forms:
        raise QueryRefused(f"the function {name[:60]}")
    if over:
        raise QueryRefused(f"the function {name} with OVER")
    values = [expressions.value(each) for each in nodes]
    for each in forms[name]:
        found = _applied(each, values)
        if found is not None:
            return found
    told = ", ".join(str(each.type) for each in values)
    raise QueryRefused(f"the function {name}({told})")


def _applied(each: Form, values: Sequence[Value]) -> Value | None:
    if len(each.arguments) != len(values):
        return None
    given = [as_type(value, Type(kind)) for value, kind in zip(values, each.arguments, strict=True)]
    texts = [value.sql for value in given if value is not None]
    if len(texts) < len(values):
        return None
    return Value(each.sql.format(*texts), Type(each.result), is_unchecked=each.is_unchecked)
