"""Long-running operations: what was done, for the clients that poll. The work itself is done when it is asked for."""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clock import now
from gateway.sandbox.google_error import ApiError

_TYPES = "type.googleapis.com/google.cloud.healthcare.v1"


@dataclass(frozen=True, slots=True)
class Finished:
    """What an operation has done."""

    method: str
    """As the metadata names it: ``ImportResources``."""
    success: int
    failure: int = 0
    response: Mapping[str, Any] | None = None


def record(connection: sqlite3.Connection, dataset: str, done: Finished, started: str) -> dict[str, Any]:
    """Keep an operation; return it as it was when it began, which is what Google's API answers."""
    identifier = str(uuid.uuid4().int)[:19]
    name = f"{dataset}/operations/{identifier}"
    counter = {"success": str(done.success), **({"failure": str(done.failure)} if done.failure else {})}
    metadata: dict[str, Any] = {
        "@type": f"{_TYPES}.OperationMetadata",
        "apiMethodName": f"google.cloud.healthcare.v1.fhir.FhirStoreService.{done.method}",
        "createTime": started,
    }
    body = {
        "name": name,
        "metadata": {**metadata, "endTime": now(), "counter": counter},
        "done": True,
        "response": {"@type": f"{_TYPES}.fhir.{done.method}Response", **(done.response or {})},
    }
    connection.execute(
        "INSERT INTO fhir_operations (dataset, id, body) VALUES (?, ?, ?)", (dataset, identifier, json.dumps(body))
    )
    return {"name": name, "metadata": metadata}


def get(connection: sqlite3.Connection, dataset: str, identifier: str) -> dict[str, Any]:
    """Return an operation."""
    row = connection.execute(
        "SELECT body FROM fhir_operations WHERE dataset = ? AND id = ?", (dataset, identifier)
    ).fetchone()
    if row is None:
        raise ApiError(404, "there is no such operation")
    body: dict[str, Any] = json.loads(row["body"])
    return body


def find_all(connection: sqlite3.Connection, dataset: str) -> list[dict[str, Any]]:
    """Return the operations of a dataset, the latest first."""
    rows = connection.execute("SELECT body FROM fhir_operations WHERE dataset = ? ORDER BY row DESC", (dataset,))
    return [json.loads(row["body"]) for row in rows]


def delete(connection: sqlite3.Connection, dataset: str, identifier: str) -> None:
    """Forget an operation."""
    get(connection, dataset, identifier)
    connection.execute("DELETE FROM fhir_operations WHERE dataset = ? AND id = ?", (dataset, identifier))
