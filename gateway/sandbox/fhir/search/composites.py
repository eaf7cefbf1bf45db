"""Composite parameters: all components must match within one element, which the index tables do not say."""

import sqlite3
from collections.abc import Callable
from typing import Any

from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.definitions.parameters import Parameter
from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.rows import Row, rows_at
from gateway.sandbox.fhir.search.sql import (
    Sql,
    date_match,
    number_match,
    quantity_match,
    split_values,
    string_match,
    token_match,
    uri_match,
)
from gateway.sandbox.fhir.search.walking import elements_at

_COLUMNS = {
    "token": ("code", "system"),
    "string": ("norm", "value"),
    "uri": ("norm", "value"),
    "date": ("low", "high"),
    "number": ("value", "system", "code", "unit"),
    "quantity": ("value", "system", "code", "unit"),
}
_MATCHES: dict[str, Callable[[str], Sql]] = {
    "token": token_match,
    "string": lambda text: string_match(text, ""),
    "uri": lambda text: uri_match(text, ""),
    "date": date_match,
    "number": number_match,
    "quantity": quantity_match,
}
Test = Callable[[Any, Any], bool]


def composite_matcher(connection: sqlite3.Connection, parameter: Parameter, value: str) -> Callable[[bytes], int]:
    """Return a function that says whether a body has an element in which every component matches."""
    alternatives = [_tests(connection, parameter, split_values(each, "$")) for each in split_values(value)]

    def matches(body: bytes) -> int:
        resource = read_json(body)
        elements = [each for path in parameter.paths for each in elements_at(resource, path)]
        return int(any(all(test(each, resource) for test in tests) for tests in alternatives for each in elements))

    return matches


def _tests(connection: sqlite3.Connection, parameter: Parameter, values: list[str]) -> list[Test]:
    if len(values) != len(parameter.components):
        raise bad_query(f"the parameter {parameter.code} needs {len(parameter.components)} values with $ between them")
    pairs = zip(parameter.components, values, strict=True)
    return [_test(connection, component, value) for component, value in pairs]


def _test(connection: sqlite3.Connection, component: Parameter, value: str) -> Test:
    if component.kind not in _MATCHES:
        raise bad_query(f"the component {component.code} is not supported")
    match = _MATCHES[component.kind](value)
    columns = _COLUMNS[component.kind]
    # SQLite compares here too, so that a component means the same as the parameter alone.
    query = f"SELECT {match.text} FROM (SELECT {', '.join(f'? AS {name}' for name in columns)})"  # noqa: S608

    def fulfils(row: Row) -> bool:
        # The values of the SELECT list come first.
        return bool(connection.execute(query, (*match.values, *row)).fetchone()[0])

    def test(element: Any, resource: Any) -> bool:
        return any(
            fulfils(row)
            for path in component.paths
            for found in elements_at(resource if path.whole else element, path)
            for row in rows_at(found, path.datatype, component.kind)
        )

    return test
