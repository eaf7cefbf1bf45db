"""Write and remove the rows of a resource in the index tables."""

import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import Parameter, parameters
from gateway.sandbox.fhir.search.rows import Amount, Link, Row, Span, Text, Token, rows_of, texts_of_token
from gateway.sandbox.fhir.search.walking import elements_at

TABLES = ("fhir_token", "fhir_string", "fhir_date", "fhir_reference", "fhir_quantity")
_INSERT = {
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
    for parameter in parameters().get(resource["resourceType"], {}).values():
        add(connection, store, rid, resource, parameter)


def add_identifier(connection: sqlite3.Connection, store: int, rid: int, resource: Any) -> None:
    """Write the rows of the parameter ``identifier``, which Google's API indexes at once."""
    parameter = parameters().get(resource["resourceType"], {}).get(IDENTIFIER)
    if parameter is not None:
        add(connection, store, rid, resource, parameter)


def add(connection: sqlite3.Connection, store: int, rid: int, resource: Any, parameter: Parameter) -> None:
    """Write the rows of one parameter, and those of its modifiers."""
    number = number_of(store, parameter.type, parameter.code)
    _insert(connection, number, rid, rows_of(resource, parameter))
    if parameter.kind in {"token", "reference"}:
        elements = [each for path in parameter.paths for each in elements_at(resource, path)]
        if parameter.kind == "token":
            text = number_of(store, parameter.type, f"{parameter.code}:text")
            _insert(connection, text, rid, chain.from_iterable(texts_of_token(each) for each in elements))
        else:
            named = number_of(store, parameter.type, f"{parameter.code}:identifier")
            _insert(connection, named, rid, _identifiers(elements))


def _identifiers(elements: list[Any]) -> Iterable[Row]:
    for each in elements:
        identifier = each.get("identifier") if isinstance(each, dict) else None
        if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
            yield Token(identifier["value"], identifier.get("system", ""))


def _insert(connection: sqlite3.Connection, number: int, rid: int, rows: Iterable[Row]) -> None:
    for row in rows:
        if isinstance(row, Link):
            connection.execute(_INSERT[Link], (number, row.target, row.type, rid))
        else:
            connection.execute(_INSERT[type(row)], (number, *row, rid))


def remove(connection: sqlite3.Connection, rid: int) -> None:
    """Remove every row of a resource."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE rid = ?", (rid,))  # noqa: S608 - a fixed name
