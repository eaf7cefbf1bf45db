"""BigQuery's SQL in the sandbox: a query is compiled or refused by name, whatever it is; nothing else happens."""

from collections.abc import Sequence

from gateway.sandbox.bigquery.sql.compiling import compile_query
from gateway.sandbox.bigquery.sql.parsing import is_installed
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import DATE, FLOAT64, INT64, JSON, STRING, Type, array

COLUMNS = [
    ("id", INT64),
    ("name", STRING),
    ("day", DATE),
    ("dose", FLOAT64),
    ("tags", array(STRING)),
    ("meta", JSON),
    ("part", Type("STRUCT", (("a", INT64),))),
]


def target(data: bytes) -> None:
    """Compile the octets as a query."""
    if not is_installed():
        return
    try:
        compiled = compile_query(data.decode(errors="replace"), _lookup)
    except QueryRefused:
        return
    assert compiled.sql.startswith(("SELECT", "WITH"))
    assert compiled.columns


def _lookup(names: Sequence[str]) -> tuple[str, Sequence[tuple[str, Type]]]:
    if names != ["t"]:
        raise QueryRefused("a table")
    return "t", COLUMNS
