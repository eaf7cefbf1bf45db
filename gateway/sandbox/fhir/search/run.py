"""Evaluate a search: one SQL statement for the page, pages by the keys of the order, and the included resources."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.fhir.bodies import read_json, write_json
from gateway.sandbox.fhir.definitions.parameters import Parameter, find_parameter
from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.conditions import TABLE_OF, Conditions, UnknownParameterError
from gateway.sandbox.fhir.search.including import included
from gateway.sandbox.fhir.search.index import number_of
from gateway.sandbox.fhir.search.query import Query
from gateway.sandbox.fhir.search.sql import LAST_CHARACTER, NEVER, Sql, all_of, any_of, marks
from gateway.sandbox.fhir.search.value_sets import Codes, codes_of
from gateway.sandbox.fhir.session import Held, Session, held_of

_SORT_COLUMN = {
    "token": "code",
    "string": "norm",
    "uri": "norm",
    "date": "low",
    "reference": "target",
    "number": "value",
    "quantity": "value",
}
_NUMERIC = {"date", "number", "quantity"}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search."""

    matches: list[Held]
    included: list[Held]
    total: int
    next_token: str
    ignored: tuple[str, ...]
    """Parameters that are not defined and were left out."""


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of the order: an expression of SQL and its direction."""

    sql: Sql
    descending: bool


def search(session: Session, query: Query) -> Found:
    """Return the page of a search that its token names."""
    if session.options.index_delay:
        session.catch_up()
    where, ignored = _where(session, query)
    keys = _keys(session, query)
    total = session.connection.execute(
        f"SELECT COUNT(*) FROM fhir_resources r WHERE {where.text}",  # noqa: S608 - made of fixed fragments
        where.values,
    ).fetchone()[0]
    rows = _page(session, query, where, keys)
    page = rows[: query.count]
    matches = [held_of(row) for row in page]
    token = _write_token(list(page[-1])[6:]) if len(rows) > query.count else ""
    return Found(matches, included(session, query.includes, matches), total, token, ignored)


def _where(session: Session, query: Query) -> tuple[Sql, tuple[str, ...]]:
    conditions = Conditions(session.connection, session.store, lambda url: _codes(session, url))
    parts = [
        Sql("r.store = ?", (session.store,)),
        Sql(f"r.type IN ({marks(query.types)})", tuple(query.types)),
        Sql("r.deleted = 0"),
    ]
    if session.options.index_delay and not query.by_identifier_only:
        parts.append(Sql("r.searchable = 1"))
    ignored = []
    for name, value in query.filters:
        try:
            parts.append(conditions.of(query.types, name, value))
        except UnknownParameterError:
            if query.strict:
                raise bad_query("a search parameter is not defined for this resource type") from None
            ignored.append(name)
    for name, function in conditions.matchers.items():
        session.connection.create_function(name, 1, function)
    return all_of(parts), tuple(ignored)


def _codes(session: Session, url: str) -> Codes | None:
    number = number_of(session.store, "ValueSet", "url")
    row = session.connection.execute(
        "SELECT body FROM fhir_resources WHERE rid IN (SELECT rid FROM fhir_string WHERE p = ? AND norm = ?)",
        (number, url.partition("|")[0]),
    ).fetchone()
    return codes_of(read_json(row[0])) if row else None


def _keys(session: Session, query: Query) -> list[_Key]:
    keys = [_key(session, query, code, descending) for code, descending in query.sort]
    # Versions are unique within a store: they end every order, and are the default of Google's API.
    return [*(key for key in keys if key), _Key(Sql("r.version"), descending=True)]


def _key(session: Session, query: Query, code: str, descending: bool) -> _Key | None:
    if code == "_lastUpdated":
        return _Key(Sql("r.version"), descending)
    if code == "_id":
        return _Key(Sql("r.id"), descending)
    known = [found for each in query.types if (found := find_parameter(each, code)) and found.kind in TABLE_OF]
    if not known:
        if query.strict:
            raise bad_query("_sort names a parameter that is not defined for this resource type")
        return None
    return _Key(_sort_value(session, known, descending), descending)


def _sort_value(session: Session, known: list[Parameter], descending: bool) -> Sql:
    """Return the smallest value of a resource, the largest when descending; resources without one come last."""
    kind = known[0].kind
    numbers = tuple(number_of(session.store, each.type, each.code) for each in known)
    choose = "MAX" if descending else "MIN"
    none: object = LAST_CHARACTER
    if kind in _NUMERIC:
        none = -1e300 if descending else 1e300
    elif descending:
        none = ""
    column = "high" if kind == "date" and descending else _SORT_COLUMN[kind]
    return Sql(
        f"COALESCE((SELECT {choose}({column}) FROM {TABLE_OF[kind]}"  # noqa: S608 - fixed names
        f" WHERE rid = r.rid AND p IN ({marks(numbers)})), ?)",
        (*numbers, none),
    )


def _page(session: Session, query: Query, where: Sql, keys: list[_Key]) -> list[Any]:
    columns = ", ".join(f"{key.sql.text} AS k{position}" for position, key in enumerate(keys))
    order = ", ".join(f"k{position}{' DESC' if key.descending else ''}" for position, key in enumerate(keys))
    after = _after(query.page_token, keys)
    statement = (
        f"SELECT * FROM (SELECT r.rid, r.type, r.id, r.version, r.method, r.body, {columns}"  # noqa: S608
        f" FROM fhir_resources r WHERE {where.text}) WHERE {after.text} ORDER BY {order} LIMIT ?"
    )
    key_values = [value for key in keys for value in key.sql.values]
    values = (*key_values, *where.values, *after.values, query.count + 1)
    return session.connection.execute(statement, values).fetchall()


def _after(token: str, keys: list[_Key]) -> Sql:
    """Return the condition that a row comes after the last one of the page before."""
    if not token:
        return Sql("1")
    last = _read_token(token)
    if len(last) != len(keys) or not isinstance(last[-1], int):
        raise bad_query("_page_token is not valid")
    parts = []
    for position, key in enumerate(keys):
        same = [Sql(f"k{before} = ?", (last[before],)) for before in range(position)]
        parts.append(all_of([*same, Sql(f"k{position} {'<' if key.descending else '>'} ?", (last[position],))]))
    return any_of(parts) if parts else NEVER


def _write_token(keys: list[Any]) -> str:
    return base64.urlsafe_b64encode(write_json(keys)).decode().rstrip("=")


def _read_token(token: str) -> list[Any]:
    try:
        keys = read_json(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error):
        raise bad_query("_page_token is not valid") from None
    if not isinstance(keys, list) or any(isinstance(each, (dict, list)) or each is None for each in keys):
        raise bad_query("_page_token is not valid")
    return [each if isinstance(each, (str, int)) else float(each) for each in keys]
