"""The settings of DICOM and HL7v2 stores in the database. A store exists as soon as it is used."""

import json
import sqlite3
from typing import Any

PLURAL, OLD = "notificationConfigs", "notificationConfig"


def read_store(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return the settings of a store. Runs in the database's thread."""
    found = connection.execute("SELECT resource FROM stores WHERE name = ?", (name,)).fetchone()
    resource: dict[str, Any] = json.loads(found[0]) if found else {}
    return resource


def write_store(connection: sqlite3.Connection, name: str, resource: dict[str, Any]) -> None:
    """Set the settings of a store. Runs in the database's thread."""
    connection.execute("INSERT OR REPLACE INTO stores (name, resource) VALUES (?, ?)", (name, json.dumps(resource)))
