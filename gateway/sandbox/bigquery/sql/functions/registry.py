"""The table of functions: a name, the types of its arguments, the SQL of DuckDB, and the type of the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import Type
from gateway.sandbox.bigquery.sql.values import Value, as_type

if TYPE_CHECKING:
    from gateway.sandbox.bigquery.sql.expressions import Expressions

Special = Callable[["Expressions", list[Any], str], Value]
"""Takes the arguments as nodes, and of a call with OVER what is in its parentheses."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a function: ``{0}`` stands for its first argument."""

    arguments: tuple[str, ...]
    sql: str
    result: str
    is_unchecked: bool = False
    """Whether a FLOAT64 result may be infinite or NaN."""


def form(arguments: str, sql: str, result: str, *, is_unchecked: bool = False) -> Form:
    """Return a form; *arguments* are names of types with commas."""
    return Form(tuple(each for each in arguments.split(",") if each), sql, result, is_unchecked)


def table() -> tuple[Mapping[str, Sequence[Form]], Mapping[str, Special]]:
    """Return all functions: those that are forms, and those with a function of their own."""
    from gateway.sandbox.bigquery.sql.functions import (  # noqa: PLC0415  they need this file
        aggregates,
        arrays,
        conditions,
        dates,
        json,
        mathematics,
        regular,
        texts,
        windowed,
    )

    forms: dict[str, Sequence[Form]] = {}
    special: dict[str, Special] = {}
    for module in (texts, mathematics, dates):
        forms |= module.FORMS
    for module in (aggregates, arrays, conditions, dates, json, mathematics, regular, texts, windowed):
        special |= module.SPECIAL
    return forms, special


_TABLE: list[tuple[Mapping[str, Sequence[Form]], Mapping[str, Special]]] = []


def call(expressions: "Expressions", name: str, nodes: list[Any], over: str = "") -> Value:
    """Return the result of a call; refuses a function, or types of arguments, that are not known."""
    if not _TABLE:
        _TABLE.append(table())
    forms, special = _TABLE[0]
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


def texts_of(nodes: Sequence[Any]) -> list[str]:
    """Return arguments that are words, such as parts of dates, in capital letters."""
    return [word(each) for each in nodes]


def word(node: Any) -> str:
    """Return a word that stands without quotation marks: ``MONTH``, or ``WEEK(MONDAY)``."""
    kind = type(node).__name__
    if kind == "Column" and node.args.get("table") is None:
        return str(node.name).upper()
    if kind == "Var":
        return str(node.this).upper()
    if kind == "Anonymous" and len(node.expressions) == 1:
        return f"{str(node.this).upper()}({word(node.expressions[0])})"
    raise QueryRefused("a part of a date that is no word")


def no_over(name: str, over: str) -> None:
    """Refuse OVER behind a function that is no aggregate."""
    if over:
        raise QueryRefused(f"the function {name} with OVER")


def counted(name: str, nodes: Sequence[Any], least: int, most: int) -> None:
    """Refuse another number of arguments."""
    if not least <= len(nodes) <= most:
        raise QueryRefused(f"the function {name} with {len(nodes)} arguments")
