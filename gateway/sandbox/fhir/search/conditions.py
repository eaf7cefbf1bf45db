"""One parameter of a search as a condition on the row of a resource: modifiers, chains, ``_has`` and composites."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gateway.sandbox.fhir.definitions.parameters import Parameter, find_parameter, parameters
from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.composites import composite_matcher
from gateway.sandbox.fhir.search.index import number_of
from gateway.sandbox.fhir.search.rows import read_link
from gateway.sandbox.fhir.search.sql import (
    Sql,
    all_of,
    any_of,
    date_match,
    marks,
    number_match,
    quantity_match,
    split_values,
    string_match,
    token_match,
    unescaped,
    uri_match,
)
from gateway.sandbox.fhir.search.value_sets import Codes

TABLE_OF = {
    "token": "fhir_token",
    "string": "fhir_string",
    "uri": "fhir_string",
    "date": "fhir_date",
    "reference": "fhir_reference",
    "number": "fhir_quantity",
    "quantity": "fhir_quantity",
}
MODIFIERS = {
    "token": {"not", "text", "in", "not-in"},
    "string": {"exact", "contains"},
    "uri": {"above", "below"},
    "reference": {"identifier"},
}
DEEPEST_CHAIN = 5
_MATCHES: Mapping[str, Callable[[str, str], Sql]] = {
    "string": string_match,
    "uri": uri_match,
    "date": lambda text, _: date_match(text),
    "number": lambda text, _: number_match(text),
    "quantity": lambda text, _: quantity_match(text),
}


class UnknownParameterError(Exception):
    """The parameter is not defined for the resource type: an error or ignored, as ``Prefer: handling`` says."""


@dataclass(slots=True)
class Conditions:
    """Builds the conditions of one search; *codes* finds the codes of a value set for ``:in``."""

    connection: sqlite3.Connection
    store: int
    codes: Callable[[str], Codes | None]
    matchers: dict[str, Callable[[bytes], int]] = field(default_factory=dict)
    """Functions of Python that the SQL calls, by name: they compare what must be within one element (composites)."""

    def of(self, types: list[str], name: str, value: str, rid: str = "r.rid", depth: int = 0) -> Sql:
        """Return the condition that resources of *types* fulfil ``name=value``."""
        if depth > DEEPEST_CHAIN:
            raise bad_query("the chain of references is too long")
        if name.startswith("_has:"):
            return self._has(types, name, value, rid, depth)
        first, dot, rest = name.partition(".")
        code, colon, modifier = first.partition(":")
        known = [found for each in types if (found := find_parameter(each, code))]
        if not known or (colon and not modifier):
            raise UnknownParameterError(code)
        if dot:
            return self._chain(known, modifier, rest, value, rid, depth)
        return any_of([self._plain(parameter, modifier, value, rid) for parameter in known])

    def _plain(self, parameter: Parameter, modifier: str, value: str, rid: str) -> Sql:
        if parameter.kind == "composite":
            return self._composite(parameter, value, rid)
        if parameter.kind not in TABLE_OF:
            raise bad_query(f"the parameter {parameter.code} is not supported")
        if modifier == "missing":
            return self._missing(parameter, value, rid)
        typed = parameter.kind == "reference" and modifier in parameters()
        if modifier and not typed and modifier not in MODIFIERS.get(parameter.kind, ()):
            raise bad_query(f"the modifier of {parameter.code} is not supported for its type")
        if modifier in {"in", "not-in"}:
            return self._in(parameter, modifier, value, rid)
        parts = [self._value(parameter, modifier, each) for each in split_values(value)]
        table, code = TABLE_OF[parameter.kind], parameter.code
        if modifier == "text":
            table, code = "fhir_string", f"{code}:text"
        elif modifier == "identifier":
            table, code = "fhir_token", f"{code}:identifier"
        return self._rows(parameter, table, code, any_of(parts), rid, negated=modifier == "not")

    def _rows(self, parameter: Parameter, table: str, code: str, match: Sql, rid: str, *, negated: bool = False) -> Sql:
        number = number_of(self.store, parameter.type, code)
        word = "NOT IN" if negated else "IN"
        text = f"{rid} {word} (SELECT rid FROM {table} WHERE p = ? AND {match.text})"  # noqa: S608 - fixed names
        return Sql(text, (number, *match.values))

    def _missing(self, parameter: Parameter, value: str, rid: str) -> Sql:
        if value not in {"true", "false"}:
            raise bad_query("the value of the modifier missing is true or false")
        return self._rows(parameter, TABLE_OF[parameter.kind], parameter.code, Sql("1"), rid, negated=value == "true")

    def _value(self, parameter: Parameter, modifier: str, text: str) -> Sql:
        if not text:
            raise bad_query(f"the parameter {parameter.code} has no value")
        if modifier == "text":
            return string_match(text, "")
        if modifier == "identifier":
            return token_match(text)
        if parameter.kind == "token":
            # The system of an element of type `code` is implicit: the index has none.
            coded = all(path.datatype in {"code", "boolean"} for path in parameter.paths)
            return token_match(text, ignore_system=coded)
        if parameter.kind == "reference":
            return reference_match(parameter, modifier, unescaped(text))
        return _MATCHES[parameter.kind](text, modifier)

    def _in(self, parameter: Parameter, modifier: str, url: str, rid: str) -> Sql:
        found = self.codes(unescaped(url))
        if found is None:
            raise bad_query(f"the value set of {parameter.code} is not in the store, or has no list of codes")
        parts = [Sql("code = ? AND system = ?", pair) for pair in found.codes]
        parts += [Sql("system = ?", (system,)) for system in found.systems]
        return self._rows(parameter, "fhir_token", parameter.code, any_of(parts), rid, negated=modifier == "not-in")

    def _composite(self, parameter: Parameter, value: str, rid: str) -> Sql:
        name = f"fhir_composite_{len(self.matchers)}"
        self.matchers[name] = composite_matcher(self.connection, parameter, value)
        narrowed = self._narrowed(parameter, value, rid)
        text = f"{name}((SELECT body FROM fhir_resources WHERE rid = {rid}))"  # noqa: S608 - a made name
        return all_of([narrowed, Sql(text)])

    def _narrowed(self, parameter: Parameter, value: str, rid: str) -> Sql:
        """Return a condition that a match fulfils too: its first component is in the index by itself."""
        first = parameter.components[0]
        if find_parameter(parameter.type, first.code) is None:
            return Sql("1")
        firsts = [split_values(each, "$")[0] for each in split_values(value)]
        return any_of([self.of([parameter.type], first.code, each, rid) for each in firsts])

    def _chain(self, known: Iterable[Parameter], modifier: str, rest: str, value: str, rid: str, depth: int) -> Sql:
        parts: list[Sql] = []
        for parameter in known:
            if parameter.kind != "reference":
                raise bad_query(f"{parameter.code} is not a reference: it cannot be chained")
            code = rest.partition(".")[0].partition(":")[0]
            parts += [
                self._chained(parameter, target, rest, value, rid, depth)
                for target in ([modifier] if modifier else targets_of(parameter))
                if find_parameter(target, code) or code == "_has"
            ]
        if not parts:
            raise UnknownParameterError(rest)
        return any_of(parts)

    def _chained(self, parameter: Parameter, target: str, rest: str, value: str, rid: str, depth: int) -> Sql:
        alias = f"t{depth}"
        below = self.of([target], rest, value, f"{alias}.rid", depth + 1)
        return Sql(
            f"{rid} IN (SELECT rid FROM fhir_reference WHERE p = ? AND type = ? AND target IN"  # noqa: S608
            f" (SELECT id FROM fhir_resources {alias} WHERE store = ? AND type = ? AND deleted = 0 AND {below.text}))",
            (number_of(self.store, parameter.type, parameter.code), target, self.store, target, *below.values),
        )

    def _has(self, types: list[str], name: str, value: str, rid: str, depth: int) -> Sql:
        parts = name.split(":", 3)
        if len(parts) != 4:
            raise bad_query("_has needs the form _has:Type:reference:parameter")
        _, kind, code, rest = parts
        parameter = find_parameter(kind, code)
        if parameter is None or parameter.kind != "reference":
            raise UnknownParameterError(name)
        alias = f"h{depth}"
        below = self.of([kind], rest, value, f"x{depth}.rid", depth + 1)
        return Sql(
            f"{rid} IN (SELECT {alias}.rid FROM fhir_reference x{depth} CROSS JOIN fhir_resources {alias}"  # noqa: S608
            f" ON {alias}.store = ? AND {alias}.type = x{depth}.type AND {alias}.id = x{depth}.target"
            f" WHERE x{depth}.p = ? AND x{depth}.type IN ({marks(types)}) AND {below.text})",
            (self.store, number_of(self.store, kind, code), *types, *below.values),
        )


def targets_of(parameter: Parameter) -> Iterable[str]:
    """Return the types that a reference may point to."""
    return parameters() if parameter.targets in {(), ("*",)} else parameter.targets


def reference_match(parameter: Parameter, modifier: str, text: str) -> Sql:
    """Return the comparison with ``Type/id``, ``id`` of any of the targets, or an absolute URL."""
    if modifier:
        return Sql("target = ? AND type = ?", (text.rpartition("/")[2], modifier))
    link = read_link(text)
    if link.type:
        return Sql("target = ? AND type = ?", (link.target, link.type))
    if "/" in text or ":" in text:
        return Sql("target = ? AND type = ''", (text,))
    wanted = list(targets_of(parameter))
    return Sql(f"target = ? AND type IN ({marks(wanted)})", (text, *wanted))
