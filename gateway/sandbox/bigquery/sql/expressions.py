"""An expression becomes SQL of DuckDB with its type: literals, names, operators, and calls of known functions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.sandbox.bigquery.sql import moments
from gateway.sandbox.bigquery.sql.casts import cast, type_of
from gateway.sandbox.bigquery.sql.comparing import compare, like, truth
from gateway.sandbox.bigquery.sql.compiler import QueryCompiler
from gateway.sandbox.bigquery.sql.functions.registry import call
from gateway.sandbox.bigquery.sql.numbers import arithmetic, int_literal, negated, number_literal
from gateway.sandbox.bigquery.sql.parsing import told
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing
from gateway.sandbox.bigquery.sql.scope import Scope, field_of
from gateway.sandbox.bigquery.sql.types import BOOL, BYTES, INT64, JSON, NULL, STRING, Type, array, text
from gateway.sandbox.bigquery.sql.values import Value, common
from gateway.sandbox.bigquery.sql.windows import over


@dataclass(frozen=True, slots=True)
class Expressions:
    """Compiles the expressions of one SELECT."""

    scope: Scope
    queries: QueryCompiler
    parameters: Mapping[str, Value]

    def value(self, node: Any) -> Value:
        """Return what *node* means."""
        name = type(node).__name__
        handler = getattr(self, f"_{name.lower()}", None)
        if name in ARITHMETIC:
            return arithmetic(ARITHMETIC[name], self.value(node.this), self.value(node.expression))
        if name in COMPARISONS:
            return compare(COMPARISONS[name], self.value(node.this), self.value(node.expression))
        if handler is None:
            raise QueryRefused(told(node), "at this place is not supported here")
        found: Value = handler(node)
        return found

    def boolean(self, node: Any, construct: str) -> str:
        """Return the SQL of a condition."""
        return truth(self.value(node), construct)

    def _literal(self, node: Any) -> Value:
        if node.args.get("is_string"):
            return Value(f"{text(node.this)}::VARCHAR", STRING, literal=node.this)
        return number_literal(node.this)

    def _rawstring(self, node: Any) -> Value:
        return Value(f"{text(node.this)}::VARCHAR", STRING, literal=node.this)

    def _hexstring(self, node: Any) -> Value:
        if not node.args.get("is_integer"):
            raise QueryRefused("a literal of octets in hexadecimal")
        return int_literal(int(node.this, 16))

    def _boolean(self, node: Any) -> Value:
        return Value("TRUE" if node.this else "FALSE", BOOL)

    def _null(self, _: Any) -> Value:
        return Value("NULL", NULL)

    def _paren(self, node: Any) -> Value:
        found = self.value(node.this)
        return replace(found, raw=f"({found.raw})", name=None)

    def _neg(self, node: Any) -> Value:
        if type(node.this).__name__ == "Literal" and not node.this.args.get("is_string"):
            return number_literal("-" + node.this.this)
        return negated(self.value(node.this))

    def _not(self, node: Any) -> Value:
        return Value(f"(NOT {self.boolean(node.this, 'NOT')})", BOOL)

    def _and(self, node: Any) -> Value:
        return Value(f"({self.boolean(node.this, 'AND')} AND {self.boolean(node.expression, 'AND')})", BOOL)

    def _or(self, node: Any) -> Value:
        return Value(f"({self.boolean(node.this, 'OR')} OR {self.boolean(node.expression, 'OR')})", BOOL)

    def _column(self, node: Any) -> Value:
        if type(node.this).__name__ == "Star":
            raise QueryRefused("* at this place")
        return self.scope.resolve(names_of(node))

    def _dot(self, node: Any) -> Value:
        if type(node.expression).__name__ != "Identifier":
            raise QueryRefused("a dot before something that is no name")
        return field_of(self.value(node.this), node.expression.name)

    def _alias(self, _: Any) -> Value:
        raise QueryRefused("an alias at this place")

    def _parameter(self, node: Any) -> Value:
        name = getattr(node.this, "name", "").lower()
        if name not in self.parameters:
            raise QueryRefused("a parameter", "without a value cannot be used")
        return self.parameters[name]

    def _between(self, node: Any) -> Value:
        low = compare(">=", self.value(node.this), self.value(node.args["low"]))
        high = compare("<=", self.value(node.this), self.value(node.args["high"]))
        return Value(f"({low.sql} AND {high.sql})", BOOL)

    def _like(self, node: Any) -> Value:
        if type(node.expression).__name__ in {"Any", "All"}:
            raise QueryRefused("LIKE ANY and LIKE ALL")
        return like(self.value(node.this), self.value(node.expression))

    def _is(self, node: Any) -> Value:
        kind, this = type(node.expression).__name__, self.value(node.this)
        if kind == "Null":
            return Value(f"({this.sql} IS NULL)", BOOL)
        if kind == "Boolean":
            word = "TRUE" if node.expression.this else "FALSE"
            return Value(f"({truth(this, 'IS')} IS NOT DISTINCT FROM {word})", BOOL)
        raise QueryRefused("IS with something else than NULL, TRUE or FALSE")

    def _in(self, node: Any) -> Value:
        this = self.value(node.this)
        if node.args.get("query") is not None:
            return self.queries.contains(this, node.args["query"], self.scope)
        if node.args.get("unnest") is not None:
            return self._in_array(this, node.args["unnest"])
        items = node.args.get("expressions") or []
        if not items:
            raise QueryRefused("IN without values")
        this, *values = common([this, *map(self.value, items)], "IN")
        return Value("(" + " OR ".join(compare("=", this, each).sql for each in values) + ")", BOOL)

    def _in_array(self, this: Value, unnest: Any) -> Value:
        items = self.value(unnest.expressions[0])
        if items.type.element is None:
            raise QueryRefused("UNNEST of something that is no array")
        element = Value("x", items.type.element)
        left, right = common([this, element], "IN UNNEST")
        if right.sql != "x" or left.kind in {"FLOAT64", "ARRAY", "STRUCT", "JSON"}:
            raise QueryRefused("IN UNNEST of values of another type, or of FLOAT64")
        found = (
            f"(CASE WHEN {items.sql} IS NULL OR len({items.sql}) = 0 THEN FALSE WHEN {left.sql} IS NULL THEN NULL"
            f" WHEN list_contains({items.sql}, {left.sql}) THEN TRUE"
            f" WHEN list_count({items.sql}) < len({items.sql}) THEN NULL ELSE FALSE END)"
        )
        return Value(found, BOOL)

    def _case(self, node: Any) -> Value:
        subject = self.value(node.this) if node.this is not None else None
        conditions = []
        for each in node.args["ifs"]:
            if subject is None:
                conditions.append(self.boolean(each.this, "CASE"))
            else:
                conditions.append(compare("=", subject, self.value(each.this)).sql)
        results = [self.value(each.args["true"]) for each in node.args["ifs"]]
        default = node.args.get("default")
        results.append(Value("NULL", NULL) if default is None else self.value(default))
        *branches, otherwise = common(results, "CASE")
        parts = " ".join(f"WHEN {when} THEN {then.sql}" for when, then in zip(conditions, branches, strict=True))
        return Value(f"(CASE {parts} ELSE {otherwise.sql} END)", otherwise.type)

    def _cast(self, node: Any) -> Value:
        kind, inner = type_of(node.args["to"]), node.this
        if type(inner).__name__ == "Literal" and inner.args.get("is_string") and kind.kind in moments.READERS:
            return Value(moments.READERS[kind.kind](inner.this), kind)
        found = self.value(inner)
        return cast(found, kind, safe=False)

    def _trycast(self, node: Any) -> Value:
        return cast(self.value(node.this), type_of(node.args["to"]), safe=True)

    def _parsejson(self, node: Any) -> Value:
        literal = self.value(node.this).literal
        try:
            json.loads(literal or "")
        except (ValueError, RecursionError):
            raise QueryRefused("a JSON literal", "is not valid") from None
        return Value(f"CAST({text(literal or '')} AS JSON)", JSON)

    def _array(self, node: Any) -> Value:
        names = _struct_names(node.expressions)
        items = [self.struct(each.expressions, names) if names else self.value(each) for each in node.expressions]
        if not items:
            return Value("[]", array(NULL))
        if any(each.kind == "ARRAY" for each in items):
            raise QueryRefused("an array of arrays")
        items = common(items, "an array")
        return Value(f"[{', '.join(each.sql for each in items)}]", array(items[0].type))

    def _bracket(self, node: Any) -> Value:
        if len(node.expressions) != 1:
            raise QueryRefused("[ ] with several indices")
        base, index_node = self.value(node.this), node.expressions[0]
        offset, safe = node.args.get("offset"), bool(node.args.get("safe"))
        index = self.value(index_node)
        if base.kind == "JSON" and offset is None:
            return _json_item(base, index)
        if base.type.element is None or index.kind != "INT64":
            raise QueryRefused("[ ] of something that is no array, or with an index that is no INT64")
        first = 1 if offset == 1 else 0
        at = f"{base.sql}[{index.sql}{'' if first else ' + 1'}]"
        low, high = f"{index.sql} < {first}", f"{index.sql} >= len({base.sql}) + {first}"
        if safe:
            return Value(f"(CASE WHEN {low} THEN NULL ELSE {at} END)", base.type.element)
        problem = failing("an index is out of the bounds of its array")
        return Value(
            f"(CASE WHEN {base.sql} IS NOT NULL AND ({low} OR {high}) THEN {problem} ELSE {at} END)", base.type.element
        )

    def _exists(self, node: Any) -> Value:
        return Value(f"EXISTS ({self.queries.compile(node.this, self.scope).sql})", BOOL)

    def _subquery(self, node: Any) -> Value:
        if node.args.get("alias"):
            raise QueryRefused("an alias at this place")
        return self.queries.scalar(node.this, self.scope)

    def _extract(self, node: Any) -> Value:
        return call(self, "EXTRACT", [node.this, node.expression])

    def _currentdate(self, node: Any) -> Value:
        return call(self, "CURRENT_DATE", [node.this] if node.this is not None else [])

    def _currenttimestamp(self, _: Any) -> Value:
        return call(self, "CURRENT_TIMESTAMP", [])

    def _anonymous(self, node: Any) -> Value:
        return call(self, str(node.this).upper(), list(node.expressions))

    def _safefunc(self, node: Any) -> Value:
        inner = node.this
        if type(inner).__name__ != "Anonymous":
            raise QueryRefused("SAFE. before this construct")
        return call(self, "SAFE." + str(inner.this).upper(), list(inner.expressions))

    def _window(self, node: Any) -> Value:
        inner = node.this
        if type(inner).__name__ in {"IgnoreNulls", "RespectNulls"}:
            raise QueryRefused("IGNORE NULLS and RESPECT NULLS at this place")
        if type(inner).__name__ != "Anonymous":
            raise QueryRefused("OVER behind this construct")
        return call(self, str(inner.this).upper(), list(inner.expressions), over=over(self, node))

    def _struct_field(self, node: Any) -> tuple[str, Value]:
        if type(node).__name__ == "Alias":
            return node.alias, self.value(node.this)
        found = self.value(node)
        return found.name or "", found

    def struct(self, nodes: Sequence[Any], given: Sequence[str] = ()) -> Value:
        """Return a STRUCT of named values; one without names could not be told from a row."""
        fields = [self._struct_field(each) for each in nodes]
        if given and all(type(each).__name__ != "Alias" for each in nodes) and len(given) == len(fields):
            fields = [(name, value) for name, (_, value) in zip(given, fields, strict=True)]
        names = [name.lower() for name, _ in fields]
        if not fields or "" in names or len(set(names)) < len(names):
            raise QueryRefused("a STRUCT whose fields have no names, or the same one twice,")
        kind = Type("STRUCT", tuple((name, INT64 if each.kind == "NULL" else each.type) for name, each in fields))
        inner = ", ".join(f'"{name}" := {each.sql}' for name, each in fields if '"' not in name)
        return Value(f"CAST(struct_pack({inner}) AS {kind.duckdb})", kind)

    def _bytestring(self, node: Any) -> Value:
        if not node.this.isascii() or "\\" in node.this:
            raise QueryRefused("a literal of octets with escapes")
        return Value(f"encode({text(node.this)})", BYTES)


def _json_item(base: Value, index: Value) -> Value:
    if index.literal is not None:
        return field_of(base, index.literal)
    if index.kind != "INT64" or not index.raw.removesuffix("::BIGINT").isdecimal():
        raise QueryRefused("[ ] of JSON with something else than a number or a text")
    return Value(f"json_extract({base.sql}, '$[{int(index.raw.removesuffix('::BIGINT'))}]')", JSON)


def _struct_names(nodes: Sequence[Any]) -> list[str]:
    """Return the names of the fields of the first of several STRUCTs: the others may leave them out."""
    if not nodes or any(type(each).__name__ != "Anonymous" or str(each.this).upper() != "STRUCT" for each in nodes):
        return []
    first = nodes[0].expressions
    return [each.alias for each in first] if all(type(each).__name__ == "Alias" for each in first) else []


def names_of(node: Any) -> list[str]:
    """Return the parts of a name."""
    found = (node.args.get(key) for key in ("catalog", "db", "table", "this"))
    return [each if isinstance(each, str) else each.name for each in found if each is not None]


ARITHMETIC = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "DPipe": "||"}
COMPARISONS = {
    "EQ": "=",
    "NEQ": "<>",
    "LT": "<",
    "LTE": "<=",
    "GT": ">",
    "GTE": ">=",
    "NullSafeEQ": "IS NOT DISTINCT FROM",
    "NullSafeNEQ": "IS DISTINCT FROM",
}
