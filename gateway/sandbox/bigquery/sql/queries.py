"""A query becomes SQL of DuckDB: WITH, SELECT with all of its clauses, and what is between several SELECTs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gateway.sandbox.bigquery.sql.expressions import Expressions
from gateway.sandbox.bigquery.sql.ordering import limits, ordered, ordinal
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.scope import Relation, Scope, relation
from gateway.sandbox.bigquery.sql.selects import Selects
from gateway.sandbox.bigquery.sql.types import BOOL, Type, array
from gateway.sandbox.bigquery.sql.values import Value, as_type, common

Lookup = Callable[[Sequence[str]], tuple[str, Sequence[tuple[str, Type]]]]
"""Returns the SQL of a table and its columns, by the parts of its name; raises QueryRefused."""
SETS = {"Union": "UNION", "Intersect": "INTERSECT", "Except": "EXCEPT"}


@dataclass(frozen=True, slots=True)
class Query:
    """A query; its columns are called c0, c1 and so on in the SQL."""

    sql: str
    columns: tuple[tuple[str | None, Type], ...]
    """A name, or None where BigQuery makes one."""


@dataclass(slots=True)
class Queries:
    """Compiles the queries of one statement."""

    lookup: Lookup
    parameters: Mapping[str, Value] = field(default_factory=dict)
    named: dict[str, tuple[str, Query]] = field(default_factory=dict)
    """What WITH has defined so far: DuckDB's name for it, and its columns."""
    _numbers: Any = field(default_factory=count)

    def alias(self) -> str:
        """Return a name that nothing else has."""
        return f"r{next(self._numbers)}"

    def compile(self, node: Any, outer: Scope | None) -> Query:
        """Return a query that may read the columns of those around it."""
        before = dict(self.named)
        prefix = self._with(node.args.get("with_"), outer)
        kind = type(node).__name__
        if kind == "Subquery":
            if node.args.get("alias"):
                raise QueryRefused("an alias of a query in parentheses")
            query = self.compile(node.this, outer)
        elif kind in SETS:
            query = self._set(node, outer)
        elif kind == "Select":
            query = Query(*Selects(self, outer).compile(node))
        else:
            raise QueryRefused(f"{kind.upper()} as a query")
        self.named = before
        return Query(prefix + query.sql, query.columns) if prefix else query

    def _with(self, node: Any, outer: Scope | None) -> str:
        parts = []
        for each in node.expressions if node is not None else ():
            if each.args["alias"].args.get("columns"):
                raise QueryRefused("WITH with names of columns")
            query, own = self.compile(each.this, outer), f"w{next(self._numbers)}"
            parts.append(f"{own} AS ({query.sql})")
            self.named[each.alias.lower()] = own, query
        return f"WITH {', '.join(parts)} " if parts else ""

    def _set(self, node: Any, outer: Scope | None) -> Query:
        kind, is_distinct = type(node).__name__, bool(node.args.get("distinct"))
        if kind != "Union" and not is_distinct:
            raise QueryRefused(f"{kind.upper()} ALL")
        left, right = self.compile(node.this, outer), self.compile(node.expression, outer)
        if len(left.columns) != len(right.columns):
            raise QueryRefused(f"{kind.upper()} of queries with different numbers of columns")
        pairs = [
            common([Value(f"c{number}", one[1]), Value(f"c{number}", two[1])], kind.upper())
            for number, (one, two) in enumerate(zip(left.columns, right.columns, strict=True))
        ]
        if is_distinct and any(each.kind in {"ARRAY", "STRUCT", "JSON", "FLOAT64"} for each, _ in pairs):
            raise QueryRefused(f"{kind.upper()} DISTINCT of FLOAT64, or of a type that cannot be compared,")
        sides = []
        for place, query in enumerate((left, right)):
            items = ", ".join(f"{pair[place].sql} AS c{number}" for number, pair in enumerate(pairs))
            sides.append(f"(SELECT {items} FROM ({query.sql}) AS {self.alias()})")
        word = "UNION ALL" if not is_distinct else SETS[kind]
        own = self.alias()
        columns = tuple((name, pair[0].type) for (name, _), pair in zip(left.columns, pairs, strict=True))
        inner = [f"c{number}" for number in range(len(columns))]
        given = relation(own, None, [(name or "", kind) for name, kind in columns], inner)
        text = f"SELECT {', '.join(inner)} FROM ({sides[0]} {word} {sides[1]}) AS {own}"
        return Query(text + self.tail(node, given), columns)

    def tail(self, node: Any, given: Relation) -> str:
        """Return ORDER BY and LIMIT of a query whose columns are *given*."""
        expressions, text = Expressions(Scope(relations=[given]), self, self.parameters), ""
        if (order := node.args.get("order")) is not None:
            items = []
            for each in order.expressions:
                number = ordinal(each.this)
                if number is not None and not 0 < number <= len(given.columns):
                    raise QueryRefused("ORDER BY of a column that is not there")
                value = given.columns[number - 1][1] if number is not None else expressions.value(each.this)
                items.append(ordered(value, each))
            text += " ORDER BY " + ", ".join(items)
        return text + limits(node, expressions)

    def table(self, names: Sequence[str], name: str) -> tuple[str, Relation]:
        """Return a table, or what WITH has defined."""
        own = self.alias()
        if len(names) == 1 and names[0].lower() in self.named:
            inner, query = self.named[names[0].lower()]
            columns = [(each or "", kind) for each, kind in query.columns]
            return f"{inner} AS {own}", relation(own, name, columns, [f"c{each}" for each in range(len(columns))])
        text, schema = self.lookup(names)
        return f"{text} AS {own}", relation(own, name, schema, [each for each, _ in schema])

    def scalar(self, node: Any, scope: Scope) -> Value:
        """Return the value of a subquery with one column; of several rows BigQuery makes an error, as DuckDB does."""
        query = self._one_column(node, scope)
        return Value(f"({query.sql})", query.columns[0][1])

    def array(self, node: Any, scope: Scope) -> Value:
        """Return the values of a subquery as an array, in its order; one without rows is empty.

        The order is said again where the values are collected: DuckDB does not keep that of a correlated subquery.
        """
        own, order = self.alias(), ""
        if type(node).__name__ == "Select" and node.args.get("order") is not None and not node.args.get("with_"):
            select = Selects(self, scope, with_keys=True)
            query = Query(*select.compile(node))
            items = ", ".join(f"{own}.k{number} {how}" for number, (_, how) in enumerate(select.keys))
            order = f" ORDER BY {items}"
        elif node.args.get("order") is not None:
            raise QueryRefused("an array of an ordered query with WITH or UNION")
        else:
            query = self.compile(node, scope)
        if len(query.columns) != 1 or query.columns[0][1].kind in {"ARRAY", "NULL"}:
            raise QueryRefused("an array of a query with several columns, or of arrays")
        kind = query.columns[0][1]
        return Value(f"coalesce((SELECT list({own}.c0{order}) FROM ({query.sql}) AS {own}), [])", array(kind))

    def contains(self, this: Value, node: Any, scope: Scope) -> Value:
        """Return whether a value is one of those of a subquery."""
        query = self._one_column(node, scope)
        kind = query.columns[0][1]
        wanted = as_type(this, kind)
        if wanted is None or kind.kind in {"FLOAT64", "ARRAY", "STRUCT", "JSON", "NULL"}:
            raise QueryRefused(f"IN with a subquery of {kind}")
        return Value(f"({wanted.sql} IN ({query.sql}))", BOOL)

    def _one_column(self, node: Any, scope: Scope) -> Query:
        query = self.compile(node, scope)
        if len(query.columns) != 1:
            raise QueryRefused("a subquery with several columns at this place")
        return query
