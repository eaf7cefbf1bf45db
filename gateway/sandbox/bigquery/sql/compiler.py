"""What the functions of BigQuery need of the compiler of expressions; ``expressions.py`` and ``queries.py`` are it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gateway.sandbox.bigquery.sql.scope import Relation, Scope
from gateway.sandbox.bigquery.sql.types import Type
from gateway.sandbox.bigquery.sql.values import Value


class Compiled(Protocol):
    """A query; its columns are called c0, c1 and so on in the SQL."""

    @property
    def sql(self) -> str:
        """The SQL for DuckDB."""

    @property
    def columns(self) -> tuple[tuple[str | None, Type], ...]:
        """Names, or None where BigQuery makes one, and types."""


class QueryCompiler(Protocol):
    """Compiles the queries of one statement."""

    parameters: Mapping[str, Value]

    def alias(self) -> str:
        """Return a name that nothing else has."""

    def compile(self, node: Any, outer: Scope | None) -> Compiled:
        """Return a query that may read the columns of those around it."""

    def table(self, names: Sequence[str], name: str) -> tuple[str, Relation]:
        """Return a table, or what WITH has defined."""

    def scalar(self, node: Any, scope: Scope) -> Value:
        """Return the value of a subquery with one column."""

    def array(self, node: Any, scope: Scope) -> Value:
        """Return the values of a subquery as an array."""

    def contains(self, this: Value, node: Any, scope: Scope) -> Value:
        """Return whether a value is one of those of a subquery."""


class Compiler(Protocol):
    """Compiles the expressions of one SELECT."""

    @property
    def scope(self) -> Scope:
        """The names that it sees."""

    @property
    def queries(self) -> QueryCompiler:
        """What compiles subqueries."""

    def value(self, node: Any) -> Value:
        """Return what *node* means."""

    def boolean(self, node: Any, construct: str) -> str:
        """Return the SQL of a condition."""

    def struct(self, nodes: Sequence[Any], given: Sequence[str] = ()) -> Value:
        """Return a STRUCT of named values."""
