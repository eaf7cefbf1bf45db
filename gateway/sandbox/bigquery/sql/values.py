"""A value of an expression: its SQL for DuckDB and its type; and which types become which without a CAST."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.sandbox.bigquery.sql import moments
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, refusing
from gateway.sandbox.bigquery.sql.types import FLOAT64, INT64, NULL, NUMERIC, Type

MOST_SQL = 400_000
"""Characters of SQL for one expression; a deeper one is refused."""


@dataclass(frozen=True, slots=True)
class Value:
    """A typed expression."""

    raw: str
    type: Type
    literal: str | None = None
    """The text of a STRING literal: it becomes a date where one is needed."""
    name: str | None = None
    """The name that a column gets by itself in the list of a SELECT."""
    is_unchecked: bool = False
    """Whether it is a FLOAT64 that may have become infinite, which BigQuery answers with an error."""

    def __post_init__(self) -> None:
        if len(self.raw) > MOST_SQL:
            raise QueryRefused("an expression as deep as this")

    @property
    def sql(self) -> str:
        """The SQL for DuckDB."""
        if not self.is_unchecked:
            return self.raw
        problem = refusing("a FLOAT64 result is not finite")
        return f"(CASE WHEN isfinite({self.raw}) OR ({self.raw}) IS NULL THEN {self.raw} ELSE {problem} END)"

    @property
    def kind(self) -> str:
        """The name of the type."""
        return self.type.kind


def as_type(value: Value, wanted: Type) -> Value | None:
    """Return *value* as another type where BigQuery does so by itself; None where it does not."""
    if value.type == wanted:
        return value
    if value.kind == "NULL":
        return Value(f"CAST(NULL AS {wanted.duckdb})", wanted)
    if (value.kind, wanted.kind) in {("INT64", "FLOAT64"), ("INT64", "NUMERIC"), ("NUMERIC", "FLOAT64")}:
        return Value(f"CAST({value.sql} AS {wanted.duckdb})", wanted)
    if value.literal is not None and wanted.kind in moments.READERS:
        return Value(moments.READERS[wanted.kind](value.literal), wanted)
    if wanted.kind == "ARRAY" and value.type.element == NULL:
        return Value(f"CAST({value.sql} AS {wanted.duckdb})", wanted)
    return None


def common(values: Sequence[Value], construct: str) -> list[Value]:
    """Return *values* in the one type that BigQuery finds for all of them; refuses if there is none."""
    typed = [each for each in values if each.kind != "NULL" and each.type.element != NULL]
    kinds, strict = {each.type for each in typed}, {each.type for each in typed if each.literal is None}
    for wanted in (*_wider(strict), *_wider(kinds)):
        found = [as_type(each, wanted) for each in values]
        if all(each is not None for each in found):
            return [each for each in found if each is not None]
    if not kinds:
        return list(values)
    told = ", ".join(sorted(map(str, kinds)))
    raise QueryRefused(construct, f"of different types ({told}) is not supported here; add a CAST")


def _wider(types: set[Type]) -> list[Type]:
    if len(types) == 1:
        return list(types)
    if types == {INT64, FLOAT64}:
        return [FLOAT64]
    if types == {INT64, NUMERIC}:
        return [NUMERIC]
    return []


def is_simple(name: str) -> bool:
    """Whether *name* can stand in JSON paths and error texts."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None
