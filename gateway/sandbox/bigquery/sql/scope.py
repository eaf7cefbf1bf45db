"""Which names a query sees: the columns of what is behind FROM, and those of the queries around it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import JSON, Type, quoted, settled, text
from gateway.sandbox.bigquery.sql.values import Value


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, a subquery or an array behind FROM."""

    name: str | None
    columns: tuple[tuple[str, Value], ...]
    value: Value | None = None
    """What the name itself means, where each row is one value: an element of an array."""

    def column(self, name: str) -> Value | None:
        """Return a column by its name, in whatever case."""
        found = [value for each, value in self.columns if each.lower() == name.lower()]
        if len(found) > 1:
            raise QueryRefused("a column whose name is ambiguous")
        return replace(found[0], name=name) if found else None


@dataclass(slots=True)
class Scope:
    """What one SELECT sees."""

    outer: "Scope | None" = None
    relations: list[Relation] = field(default_factory=list)
    joined: dict[str, Value] = field(default_factory=dict)
    """The columns that USING has made one."""
    aliases: dict[str, Value] = field(default_factory=dict)
    """The names of the list of the SELECT, where a clause may use them."""

    def add(self, relation: Relation) -> None:
        """Add what stands behind FROM."""
        if relation.name and any(each.name and each.name.lower() == relation.name.lower() for each in self.relations):
            raise QueryRefused("a second table of the same name", "behind FROM needs an alias")
        self.relations.append(relation)

    def resolve(self, parts: Sequence[str]) -> Value:
        """Return what a name means, with its fields; refuses a name that is not known, or ambiguous."""
        found = self._first(parts)
        if found is None:
            raise QueryRefused("a name in the query", "is no column, table or alias that it sees")
        value, rest = found
        for each in rest:
            value = field_of(value, each)
        return value

    def _first(self, parts: Sequence[str]) -> tuple[Value, Sequence[str]] | None:
        name = parts[0].lower()
        named = next((each for each in self.relations if each.name and each.name.lower() == name), None)
        column = self._column(name)
        alias = self.aliases.get(name)
        if alias is not None and column is not None and alias.raw != column.raw:
            raise QueryRefused("a name that is both a column and an alias")
        if named is not None and named.value is not None:
            if len(parts) > 1 or column is None or column.raw == named.value.raw:
                return named.value, parts[1:]
            raise QueryRefused("a name that is both a column and a table")
        if named is not None:
            if column is not None or len(parts) == 1:
                raise QueryRefused("the name of a table as a value, or one that is a column as well")
            inner = named.column(parts[1])
            if inner is None:
                raise QueryRefused("a name in the query", "is no column of its table")
            return inner, parts[2:]
        if column is not None or alias is not None:
            value = column or alias
            assert value is not None  # noqa: S101  for mypy
            return replace(value, name=parts[0]), parts[1:]
        return self.outer._first(parts) if self.outer is not None else None  # noqa: SLF001  of the same class

    def _column(self, name: str) -> Value | None:
        if name in self.joined:
            return self.joined[name]
        found = [value for each in self.relations if (value := each.column(name)) is not None]
        if len(found) > 1:
            raise QueryRefused("a column whose name is ambiguous")
        return found[0] if found else None

    def star(self, relations: Iterable[Relation] | None = None) -> list[tuple[str, Value]]:
        """Return the columns that ``*`` means."""
        if relations is not None:
            return [each for relation in relations for each in relation.columns]
        rest = [
            (name, value)
            for relation in self.relations
            for name, value in relation.columns
            if name.lower() not in self.joined
        ]
        return [(value.name or name, value) for name, value in self.joined.items()] + rest


def field_of(value: Value, name: str) -> Value:
    """Return a field of a STRUCT or of a JSON value."""
    if value.kind == "JSON":
        return Value(f"json_extract({value.sql}, {text(json_key(name))})", JSON, name=name)
    found = value.type.field(name)
    if value.kind != "STRUCT" or found is None:
        raise QueryRefused(f"a field of {value.kind}", "that its type does not have cannot be read")
    return Value(f"struct_extract({value.sql}, {text(found[0])})", found[1], name=name)


def json_key(name: str) -> str:
    """Return the path to a key of a JSON object."""
    if '"' in name or "\\" in name:
        raise QueryRefused("a key of JSON with a quotation mark or a backslash")
    return f'$."{name}"'


def relation(alias: str, name: str | None, columns: Iterable[tuple[str, Type]], inner: Iterable[str]) -> Relation:
    """Return what a table or subquery with the DuckDB name *alias* gives, whose columns are called *inner* there."""
    given = zip(columns, inner, strict=True)
    return Relation(name, tuple((name, Value(f"{alias}.{quoted(own)}", settled(kind))) for (name, kind), own in given))
