"""Write and remove the rows of a resource in the index tables."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import ElementPath, Parameter, parameters
from gateway.sandbox.fhir.search.rows import Amount, Link, Row, Span, Text, Token, rows_at, texts_of_token
from gateway.sandbox.fhir.search.walking import elements_at

TABLES = ("fhir_token", "fhir_string", "fhir_date", "fhir_reference", "fhir_quantity")
_INSERT: Mapping[type, str] = {
    Token: "INSERT OR IGNORE INTO fhir_token VALUES (?, ?, ?, ?)",
    Text: "INSERT OR IGNORE INTO fhir_string VALUES (?, ?, ?, ?)",
    Span: "INSERT OR IGNORE INTO fhir_date VALUES (?, ?, ?, ?)",
    Link: "INSERT OR IGNORE INTO fhir_reference VALUES (?, ?, ?, ?)",
    Amount: "INSERT OR IGNORE INTO fhir_quantity VALUES (?, ?, ?, ?, ?, ?)",
}
IDENTIFIER = "identifier"


@lru_cache(maxsize=65536)
def number_of(store: int, resource_type: str, code: str) -> int:
    """Return the number of a parameter in the index: the same in every process and version, so no table keeps it."""
    digest = blake2b(f"{store}/{resource_type}/{code}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def add_all(connection: sqlite3.Connection, store: int, rid: int, resource: Any) -> None:
    """Write every row of a resource."""
    rows = _Rows(rid)
    by_name = _by_first_name(resource["resourceType"])
    # Most parameters of a type are about elements that a resource does not have.
    present = {each.code: each for name in resource for each in by_name.get(name, ())}
    for parameter in present.values():
        rows.take(store, resource, parameter)
    rows.write(connection)


@cache
def _by_first_name(resource_type: str) -> Mapping[str, list[Parameter]]:
    found: dict[str, list[Parameter]] = {}
    for parameter in parameters().get(resource_type, {}).values():
        for path in parameter.paths if parameter.kind not in {"composite", "special"} else ():
            found.setdefault(path.steps[0].name, []).append(parameter)
    return found


def add_identifier(connection: sqlite3.Connection, store: int, rid: int, resource: Any) -> None:
    """Write the rows of the parameter ``identifier``, which Google's API indexes at once."""
    parameter = parameters().get(resource["resourceType"], {}).get(IDENTIFIER)
    if parameter is not None:
        rows = _Rows(rid)
        rows.take(store, resource, parameter)
        rows.write(connection)


def _rows(parameter: Parameter, found: Iterable[tuple[ElementPath, list[Any]]]) -> Iterator[Row]:
    """Yield the index rows of one parameter, from the elements at each of its paths."""
    for path, elements in found:
        for each in elements:
            yield from rows_at(each, path.datatype, parameter.kind, path.target)


class _Rows:
    """Collects the rows of one resource, and writes those of a table at once."""

    def __init__(self, rid: int) -> None:
        self._rid = rid
        self._values: dict[str, list[tuple[object, ...]]] = {}

    def take(self, store: int, resource: Any, parameter: Parameter) -> None:
        """Add the rows of one parameter, and those of its modifiers."""
        paths = [each for each in parameter.paths if each.steps[0].name in resource]
        found = [(each, list(elements_at(resource, each))) for each in paths]
        self._add(number_of(store, parameter.type, parameter.code), _rows(parameter, found))
        if parameter.kind in {"token", "reference"}:
            elements = [each for _, below in found for each in below]
            if parameter.kind == "token":
                text = number_of(store, parameter.type, f"{parameter.code}:text")
                self._add(text, chain.from_iterable(texts_of_token(each) for each in elements))
            else:
                self._add(number_of(store, parameter.type, f"{parameter.code}:identifier"), _identifiers(elements))

    def _add(self, number: int, rows: Iterable[Row]) -> None:
        for row in rows:
            values = (row.target, row.type) if isinstance(row, Link) else row
            self._values.setdefault(_INSERT[type(row)], []).append((number, *values, self._rid))

    def write(self, connection: sqlite3.Connection) -> None:
        """Write them."""
        for statement, values in self._values.items():
            connection.executemany(statement, values)


def _identifiers(elements: list[Any]) -> Iterator[Token]:
    for each in elements:
        identifier = each.get("identifier") if isinstance(each, dict) else None
        if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
            yield Token(identifier["value"], identifier.get("system", ""))


def remove(connection: sqlite3.Connection, rid: int) -> None:
    """Remove every row of a resource."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE rid = ?", (rid,))  # noqa: S608 - a fixed name
