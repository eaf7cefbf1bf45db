"""One SELECT with its clauses."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import QueryCompiler
from gateway.sandbox.bigquery.sql.expressions import Expressions, names_of
from gateway.sandbox.bigquery.sql.functions.aggregates import AGGREGATES
from gateway.sandbox.bigquery.sql.ordering import keys, limits, ordinal
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.scope import Relation, Scope, field_of
from gateway.sandbox.bigquery.sql.sources import Sources
from gateway.sandbox.bigquery.sql.types import COMPARABLE, Type
from gateway.sandbox.bigquery.sql.values import Value


@dataclass(slots=True)
class Selects:
    """Compiles one SELECT."""

    queries: QueryCompiler
    outer: Scope | None
    scope: Scope = field(default_factory=Scope)
    items: list[tuple[str | None, Value]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    """What ORDER BY compares, and in which direction."""
    with_keys: bool = False
    """Whether the keys are columns of the result, too: k0, k1 and so on."""

    def compile(self, node: Any) -> tuple[str, tuple[tuple[str | None, Type], ...]]:
        """Return the SQL, and the names and types of the columns."""
        self.scope.outer = self.outer
        plain = Expressions(self.scope, self.queries, self.queries.parameters)
        start = node.args.get("from_")
        source = ""
        if start is not None:
            source = Sources(self.queries, self.scope, plain).compile(start.this, node.args.get("joins") or [])
        if start is None and node.args.get("where") is not None:
            raise QueryRefused("WHERE without FROM")
        where = self._condition(plain, node, "where", "WHERE")
        self.items = [each for item in node.expressions for each in self._item(plain, item)]
        if not self.items:
            raise QueryRefused("a SELECT without columns")
        named = self._with_aliases(plain)
        group = self._group(named, node)
        self._check_group(node, group)
        columns = ", ".join(f"{_typed(value)} AS c{number}" for number, (_, value) in enumerate(self.items))
        order = self._order(named, node)
        if self.with_keys:
            columns += "".join(f", {sql} AS k{number}" for number, (sql, _) in enumerate(self.keys))
        text = f"SELECT {self._distinct(node)}{columns}"
        text += f" FROM {source}" if source else ""
        text += where + group + self._condition(named, node, "having", "HAVING")
        text += self._condition(named, node, "qualify", "QUALIFY") + order
        text += limits(node, plain)
        return text, tuple((name, value.type) for name, value in self.items)

    def _condition(self, expressions: Expressions, node: Any, key: str, word: str) -> str:
        found = node.args.get(key)
        return "" if found is None else f" {word} {expressions.boolean(found.this, word)}"

    def _distinct(self, node: Any) -> str:
        found = node.args.get("distinct")
        if found is None:
            return ""
        if found.expressions:
            raise QueryRefused("DISTINCT ON")
        for _, value in self.items:
            if value.kind not in COMPARABLE:
                raise QueryRefused(f"SELECT DISTINCT of {value.kind}")
        return "DISTINCT "

    def _item(self, expressions: Expressions, node: Any) -> Iterator[tuple[str | None, Value]]:
        kind = type(node).__name__
        if kind == "Star":
            yield from self._star(expressions, node, self.scope.star())
        elif kind == "Column" and type(node.this).__name__ == "Star":
            yield from self._star(expressions, node.this, self._columns_of(expressions, names_of(node)[:-1]))
        elif kind == "Dot" and type(node.expression).__name__ == "Star":
            raise QueryRefused("* behind an expression")
        elif kind == "Alias":
            yield node.alias, expressions.value(node.this)
        else:
            value = expressions.value(node)
            yield value.name if kind in {"Column", "Dot"} else None, value

    def _columns_of(self, expressions: Expressions, parts: list[str]) -> list[tuple[str, Value]]:
        found: Relation | None = None
        if len(parts) == 1:
            name = parts[0].lower()
            found = next((each for each in self.scope.relations if each.name and each.name.lower() == name), None)
        if found is not None:
            return self.scope.star([found])
        value = expressions.scope.resolve(parts)
        if value.kind != "STRUCT":
            raise QueryRefused(f".* behind {value.kind}")
        return [(name, field_of(value, name)) for name, _ in value.type.fields]

    def _star(
        self, expressions: Expressions, node: Any, columns: list[tuple[str, Value]]
    ) -> Iterator[tuple[str, Value]]:
        left_out = {each.name.lower() for each in node.args.get("except_") or []}
        replaced = {each.alias.lower(): expressions.value(each.this) for each in node.args.get("replace") or []}
        names = {name.lower() for name, _ in columns}
        if not columns or (left_out | set(replaced)) - names:
            raise QueryRefused("* without columns, or with EXCEPT or REPLACE of a column that is not there,")
        for name, value in columns:
            if name.lower() not in left_out:
                yield name, replaced.get(name.lower(), value)

    def _with_aliases(self, expressions: Expressions) -> Expressions:
        names = [name.lower() for name, _ in self.items if name]
        aliases = {name.lower(): value for name, value in self.items if name and names.count(name.lower()) == 1}
        return replace(expressions, scope=replace(self.scope, aliases=aliases))

    def _group(self, expressions: Expressions, node: Any) -> str:
        found = node.args.get("group")
        if found is None:
            return ""
        items = []
        for each in found.expressions:
            number = ordinal(each)
            if number is not None and not 0 < number <= len(self.items):
                raise QueryRefused("GROUP BY of a column that is not there")
            value = self.items[number - 1][1] if number is not None else expressions.value(each)
            if value.kind not in COMPARABLE:
                raise QueryRefused(f"GROUP BY of {value.kind}")
            same = [place for place, (_, item) in enumerate(self.items, 1) if item.raw == value.raw]
            items.append(str(same[0]) if same else value.sql)
        return " GROUP BY " + ", ".join(items)

    def _check_group(self, node: Any, group: str) -> None:
        """HAVING without groups or aggregates, and LIMIT 0 of nothing, mean different things; they are refused."""
        if node.args.get("having") is None or group:
            return
        if not any(has_aggregate(each) for each in node.expressions):
            raise QueryRefused("HAVING without GROUP BY and without an aggregate function")

    def _order(self, expressions: Expressions, node: Any) -> str:
        order = node.args.get("order")
        if order is None:
            return ""
        for each in order.expressions:
            number = ordinal(each.this)
            if number is not None and not 0 < number <= len(self.items):
                raise QueryRefused("ORDER BY of a column that is not there")
            value = self.items[number - 1][1] if number is not None else self._ordered(expressions, each.this)
            self.keys += keys(value, each)
        return " ORDER BY " + ", ".join(f"{sql} {how}" for sql, how in self.keys)

    def _ordered(self, expressions: Expressions, node: Any) -> Value:
        """ORDER BY prefers the names of the list of the SELECT to columns."""
        if type(node).__name__ == "Column" and len(names_of(node)) == 1:
            found = expressions.scope.aliases.get(names_of(node)[0].lower())
            if found is not None:
                return found
        return expressions.value(node)


def has_aggregate(node: Any) -> bool:
    """Whether an aggregate function is called in an expression."""
    return any(type(each).__name__ == "Anonymous" and str(each.this).upper() in AGGREGATES for each in node.walk())


def _typed(value: Value) -> str:
    return "CAST(NULL AS BIGINT)" if value.kind == "NULL" else value.sql
