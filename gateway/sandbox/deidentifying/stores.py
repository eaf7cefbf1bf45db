"""Which stores and datasets there are, and what is in them. These functions run in the thread of the database."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.sandbox.deidentifying.asked import Asked
from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.fhir.managing import stores as fhir_stores
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.resources.all_stores import kind_of, names
from gateway.sandbox.resources.datasets import is_made
from gateway.sandbox.stores import write_store

FHIR_SETTINGS = ("version", "enableUpdateCreate", "disableReferentialIntegrity", "disableResourceVersioning")
"""What the store of a new dataset has of the settings of its source."""


def check_stores(connection: sqlite3.Connection, asked: Asked) -> None:
    """Raise a 404 if the source or the destination, which are stores, does not exist."""
    known = names(connection)
    for what, name in (("source", asked.source), ("destination", asked.destination)):
        if name not in known:
            raise ApiError(404, f"the {what} store does not exist")


def make_dataset(connection: sqlite3.Connection, asked: Asked) -> None:
    """Make the destination, which is a dataset, with stores of the names of the source's.

    Raises a 404 if the source, and a 409 if the destination does not, or does, exist. HL7v2 stores are left out.
    """
    if not (stores := names(connection, f"{asked.source}/")) and not is_made(connection, asked.source):
        raise ApiError(404, "the source dataset does not exist")
    if names(connection, f"{asked.destination}/") or is_made(connection, asked.destination):
        raise ApiError(409, "the destination dataset exists already")
    connection.execute("INSERT INTO datasets (name) VALUES (?)", (asked.destination,))
    for store in stores:
        other = asked.destination + store.removeprefix(asked.source)
        if kind_of(store) == "dicomStores":
            write_store(connection, other, {})
        elif kind_of(store) == "fhirStores":
            settings = fhir_stores.get(connection, store)
            kept = {name: settings[name] for name in FHIR_SETTINGS if name in settings}
            fhir_stores.create(connection, asked.destination, other.rpartition("/")[2], kept)


def files(connection: sqlite3.Connection, root: Path, store: str, paths: Sequence[Scope] | None) -> list[Path]:
    """Return the files of the instances of a store, or of those in *paths*, each once."""
    scopes = [Scope(store)] if paths is None else paths
    return list(dict.fromkeys(each.path for scope in scopes for each in dicom_store.find(connection, root, scope)))


def resources(connection: sqlite3.Connection, store: str, asked: Asked, before: int) -> list[int]:
    """Return the rows of the resources of a store that are asked for.

    *before* is the moment of the operation in microseconds; what was written later is skipped if that is asked for.
    """
    rows: Any = connection.execute(
        "SELECT rid, type || '/' || id AS address, version FROM fhir_resources JOIN fhir_stores USING (store)"
        " WHERE name = ? AND deleted = 0 ORDER BY rid",
        (store,),
    )
    return [
        row["rid"]
        for row in rows
        if (asked.resources is None or row["address"] in asked.resources)
        and not (asked.skips_modified and row["version"] > before)
    ]


def body_of(connection: sqlite3.Connection, rid: int) -> bytes | None:
    """Return the resource of a row; None if it was deleted meanwhile."""
    row = connection.execute("SELECT body FROM fhir_resources WHERE rid = ? AND deleted = 0", (rid,)).fetchone()
    return None if row is None else bytes(row["body"])
