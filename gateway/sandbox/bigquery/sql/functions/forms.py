"""What a function is: forms with the types of their arguments, or a function of its own; and what all of them check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.values import Value

Special = Callable[[Compiler, list[Any], str], Value]
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
