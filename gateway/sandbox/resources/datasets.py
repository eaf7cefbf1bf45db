"""Datasets: those that were created, and those that exist because a store in them does.

These functions run in the thread of the database.
"""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam import policies
from gateway.sandbox.resources import all_stores

FIELDS = {"name", "timeZone", "encryptionSpec", "satisfiesPzi", "satisfiesPzs"}


def check(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a dataset in a request; raises a 400 or 501 for what cannot be."""
    if set(body) - FIELDS:
        raise ApiError(400, f"Dataset has a field that is not one of {', '.join(sorted(FIELDS))}")
    if body.get("encryptionSpec"):
        raise ApiError(501, "the sandbox does not support encryptionSpec: it has no keys of Google's KMS")
    zone = body.get("timeZone", "")
    try:
        known = isinstance(zone, str) and (not zone or ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if not known:
        raise ApiError(400, "timeZone is not the name of an IANA time zone, such as Europe/Berlin")
    return {"timeZone": zone} if zone else {}


def create(connection: sqlite3.Connection, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Create a dataset; one that exists because of its stores becomes a created one."""
    if is_made(connection, name):
        raise ApiError(409, "the dataset exists")
    connection.execute("INSERT INTO datasets (name) VALUES (?)", (name,))
    return write(connection, name, settings)


def write(connection: sqlite3.Connection, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Set the settings of a dataset."""
    connection.execute("INSERT OR REPLACE INTO dataset_settings VALUES (?, ?)", (name, json.dumps(settings)))
    return {"name": name, **settings}


def get(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return a dataset. One that nobody created is simply there."""
    row = connection.execute("SELECT resource FROM dataset_settings WHERE name = ?", (name,)).fetchone()
    return {"name": name, **(json.loads(row[0]) if row else {})}


def find_all(connection: sqlite3.Connection, location: str) -> list[dict[str, Any]]:
    """Return the datasets of a location by name."""
    made = {name for (name,) in connection.execute("SELECT name FROM datasets")}
    used = {"/".join(name.split("/")[:6]) for name in all_stores.names(connection)}
    return [get(connection, name) for name in sorted(made | used) if name.startswith(f"{location}/datasets/")]


def delete(connection: sqlite3.Connection, root: Path, name: str) -> None:
    """Delete a dataset with its stores, its operations and all policies below it."""
    stores = all_stores.names(connection, f"{name}/")
    if not is_made(connection, name) and not stores:
        raise ApiError(404, "there is no such dataset")
    for store in stores:
        all_stores.delete(connection, root, store)
    connection.execute(
        "DELETE FROM operation_failures WHERE operation IN (SELECT id FROM fhir_operations WHERE dataset = ?)", (name,)
    )
    connection.execute(
        "DELETE FROM operation_logs WHERE id IN (SELECT id FROM fhir_operations WHERE dataset = ?)", (name,)
    )
    for table, column in (("fhir_operations", "dataset"), ("datasets", "name"), ("dataset_settings", "name")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))  # noqa: S608  fixed names
    policies.forget(connection, name)


def is_made(connection: sqlite3.Connection, name: str) -> bool:
    """Return whether somebody created the dataset."""
    return connection.execute("SELECT 1 FROM datasets WHERE name = ?", (name,)).fetchone() is not None
