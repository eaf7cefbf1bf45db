"""What stands behind FROM: tables, subqueries, arrays, and how they are joined."""

from dataclasses import dataclass, replace
from typing import Any

from gateway.sandbox.bigquery.sql.comparing import compare
from gateway.sandbox.bigquery.sql.compiler import QueryCompiler
from gateway.sandbox.bigquery.sql.expressions import Expressions, names_of
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.scope import Relation, Scope, field_of, relation
from gateway.sandbox.bigquery.sql.types import INT64
from gateway.sandbox.bigquery.sql.values import Value, common

JOINS = {"": "INNER", "LEFT": "LEFT", "RIGHT": "RIGHT", "FULL": "FULL"}


@dataclass(frozen=True, slots=True)
class Sources:
    """Compiles the FROM of one SELECT into its scope."""

    queries: QueryCompiler
    scope: Scope
    expressions: Expressions

    def compile(self, first: Any, joins: list[Any]) -> str:
        """Return the SQL behind FROM."""
        text, found = self._source(first)
        self.scope.add(found)
        for join in joins:
            text += self._join(join)
        return text

    def _join(self, join: Any) -> str:
        side, kind = (str(join.args.get(key) or "").upper() for key in ("side", "kind"))
        on, using = join.args.get("on"), join.args.get("using")
        if side not in JOINS or kind not in {"", "INNER", "CROSS", "OUTER"} or (kind == "CROSS" and (on or using)):
            raise QueryRefused(f"a {side} {kind} JOIN".replace("  ", " "))
        known = [name for each in self.scope.relations for name, _ in each.columns]
        text, found = self._source(join.this)
        is_array = type(join.this).__name__ == "Unnest"
        if is_array and side not in {"", "LEFT"}:
            raise QueryRefused(f"a {side} JOIN with UNNEST")
        before = replace(self.scope, relations=list(self.scope.relations))
        self.scope.add(found)
        lateral = "LATERAL " if is_array else ""
        if kind == "CROSS" or (not on and not using):
            if side and not is_array:
                raise QueryRefused(f"a {side} JOIN without a condition")
            if not side and kind != "CROSS" and not is_array and not _is_comma(join):
                raise QueryRefused("a JOIN without a condition")
            return f" LEFT JOIN {lateral}{text} ON TRUE" if side else f" CROSS JOIN {lateral}{text}"
        condition = self._using(using, before, found, side, known) if using else self.expressions.boolean(on, "ON")
        return f" {JOINS[side]} JOIN {lateral}{text} ON {condition}"

    def _using(self, names: list[Any], before: Scope, new: Relation, side: str, known: list[str]) -> str:
        conditions = []
        for each in names:
            name = each.name
            left, right = replace(before, outer=None, aliases={}).resolve([name]), new.column(name)
            if right is None or name.lower() not in (other.lower() for other in known):
                raise QueryRefused("a column of USING", "is not on both sides of its JOIN")
            conditions.append(compare("=", left, right).sql)
            left, right = common([left, right], "USING")
            one = {"RIGHT": right.sql, "FULL": f"coalesce({left.sql}, {right.sql})"}.get(side, left.sql)
            self.scope.joined[name.lower()] = Value(one, left.type, name=name)
        return " AND ".join(conditions)

    def _source(self, node: Any) -> tuple[str, Relation]:
        kind = type(node).__name__
        if kind == "Table":
            return self._table(node)
        if kind == "Unnest":
            return self._unnest(node)
        if kind == "Subquery":
            if type(node.this).__name__ not in {"Select", "Union", "Intersect", "Except"}:
                raise QueryRefused("parentheses around a JOIN")
            query = self.queries.compile(node.this, None)
            own, name = self.queries.alias(), _alias_of(node)
            inner = [f"c{number}" for number in range(len(query.columns))]
            columns = [(each or "", kind) for each, kind in query.columns]
            return f"({query.sql}) AS {own}", relation(own, name, columns, inner)
        raise QueryRefused(f"{kind.upper()} behind FROM")

    def _table(self, node: Any) -> tuple[str, Relation]:
        names = [part for each in names_of(node) for part in each.split(".")]
        array = self._array_path(names)
        if array is not None:
            return self._unnested(array, _alias_of(node) or names[-1], None)
        return self.queries.table(names, _alias_of(node) or names[-1])

    def _array_path(self, names: list[str]) -> Value | None:
        """Return the array that ``FROM t, t.tags`` means."""
        if len(names) < 2 or not any(
            each.name and each.name.lower() == names[0].lower() for each in self.scope.relations
        ):
            return None
        return self.scope.resolve(names)

    def _unnest(self, node: Any) -> tuple[str, Relation]:
        if len(node.expressions) != 1:
            raise QueryRefused("UNNEST of several arrays")
        alias = node.args.get("alias")
        names = [each.name for each in (alias.args.get("columns") or [])] if alias is not None else []
        if alias is not None and alias.args.get("this") is not None:
            names = [alias.args["this"].name, *names]
        if len(names) > 1:
            raise QueryRefused("UNNEST with names of columns")
        offset = node.args.get("offset")
        offset_name = None if not offset else (offset.name if hasattr(offset, "name") else "offset")
        return self._unnested(self.expressions.value(node.expressions[0]), names[0] if names else None, offset_name)

    def _unnested(self, value: Value, name: str | None, offset: str | None) -> tuple[str, Relation]:
        """WITH OFFSET counts from 0. The fields of STRUCTs are columns, any other item is one column."""
        element, own = value.type.element, self.queries.alias()
        if element is None or element.kind == "NULL":
            raise QueryRefused("UNNEST of something that is no array with a type")
        item = Value(f"{own}.v", element, name=name)
        if element.kind == "STRUCT":
            columns = tuple((field, field_of(item, field)) for field, _ in element.fields)
        else:
            columns = ((name or "", item),)
        if offset is not None:
            columns = (*columns, (offset, Value(f"{own}.o", INT64, name=offset)))
        text = f"(SELECT unnest({value.sql}) AS v, generate_subscripts({value.sql}, 1) - 1 AS o) AS {own}"
        return text, Relation(name, columns, item if name else None)


def _alias_of(node: Any) -> str | None:
    alias = node.args.get("alias")
    if alias is None:
        return None
    if alias.args.get("columns"):
        raise QueryRefused("an alias with names of columns")
    return str(alias.name) or None


def _is_comma(join: Any) -> bool:
    return not join.args.get("kind") and not join.args.get("side")
