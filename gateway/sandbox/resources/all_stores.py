"""The stores of all three kinds together. These functions run in the thread of the database."""

import sqlite3
from pathlib import Path

from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.fhir.managing import stores as fhir_stores
from gateway.sandbox.iam import policies


def names(connection: sqlite3.Connection, above: str = "") -> list[str]:
    """Return the names of all stores below a dataset: those that were created, and those that hold something."""
    found = connection.execute(
        "SELECT name FROM stores UNION SELECT name FROM fhir_stores"
        " UNION SELECT store FROM instances UNION SELECT store FROM messages ORDER BY 1"
    )
    return [name for (name,) in found if name.startswith(above)]


def kind_of(store: str) -> str:
    """Return ``dicomStores``, for example."""
    return store.split("/")[-2]


def is_there(connection: sqlite3.Connection, store: str) -> bool:
    """Return whether a store was created or holds something."""
    for table, column in (("stores", "name"), ("fhir_stores", "name"), ("instances", "store"), ("messages", "store")):
        query = f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1"  # noqa: S608  fixed names
        if connection.execute(query, (store,)).fetchone():
            return True
    return False


def is_made(connection: sqlite3.Connection, store: str) -> bool:
    """Return whether somebody created the store."""
    table = "fhir_stores" if kind_of(store) == "fhirStores" else "stores"
    return connection.execute(f"SELECT 1 FROM {table} WHERE name = ?", (store,)).fetchone() is not None  # noqa: S608


def delete(connection: sqlite3.Connection, root: Path, store: str) -> None:
    """Delete a store with everything in it and its policy."""
    if kind_of(store) == "fhirStores":
        fhir_stores.delete(connection, store)
    else:
        dicom_store.delete(connection, root, Scope(store))
        connection.execute("DELETE FROM storage_classes WHERE store = ?", (store,))
        connection.execute("DELETE FROM messages WHERE store = ?", (store,))
        connection.execute("DELETE FROM message_changes WHERE store = ?", (store,))
        connection.execute("DELETE FROM stores WHERE name = ?", (store,))
        policies.forget(connection, store)
