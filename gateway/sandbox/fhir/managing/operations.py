"""Long-running operations: what was done, for the clients that poll.

Most work is done when it is asked for (:func:`record`); what takes longer is begun, and ends later
(``gateway/sandbox/running.py``).
"""

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


def begin(connection: sqlite3.Connection, dataset: str, method: str, logs: str) -> dict[str, Any]:
    """Keep an operation that is in progress, and return it; *logs* is the beginning of the address of its log."""
    identifier = str(uuid.uuid4().int)[:19]
    name = f"{dataset}/operations/{identifier}"
    metadata = {
        "@type": f"{_TYPES}.OperationMetadata",
        "apiMethodName": f"google.cloud.healthcare.v1.{method}",
        "createTime": now(),
        "logsUrl": f"{logs}/{name}/logs",
    }
    body = {"name": name, "metadata": metadata}
    connection.execute(
        "INSERT INTO fhir_operations (dataset, id, body) VALUES (?, ?, ?)", (dataset, identifier, json.dumps(body))
    )
    return body


def write_progress(connection: sqlite3.Connection, name: str, counter: Mapping[str, str]) -> None:
    """Set the counter of an operation."""
    body = _body(connection, name)
    body["metadata"]["counter"] = dict(counter)
    _set(connection, name, body)


def mark_cancelled(connection: sqlite3.Connection, name: str) -> None:
    """Say that somebody asked for the cancellation of an operation."""
    body = _body(connection, name)
    body["metadata"]["cancelRequested"] = True
    _set(connection, name, body)


def finish(
    connection: sqlite3.Connection,
    name: str,
    counter: Mapping[str, str],
    result: Mapping[str, object],
    told: Mapping[str, object],
) -> None:
    """End an operation with its result, a response or an error, and what its log tells."""
    body = _body(connection, name)
    body["metadata"] = {**body["metadata"], "endTime": now(), **({"counter": dict(counter)} if counter else {})}
    _set(connection, name, {**body, "done": True, **result})
    connection.execute(
        "INSERT OR REPLACE INTO operation_logs (id, body) VALUES (?, ?)", (name.rpartition("/")[2], json.dumps(told))
    )


def abort_unfinished(connection: sqlite3.Connection, code: int, message: str) -> None:
    """End with an error each operation that an earlier process left in progress."""
    for (text,) in connection.execute("SELECT body FROM fhir_operations").fetchall():
        body = json.loads(text)
        if not body.get("done"):
            finish(connection, body["name"], {}, {"error": {"code": code, "message": message}}, {})


def log_of(connection: sqlite3.Connection, identifier: str) -> dict[str, Any]:
    """Return the log of an operation; one that is in progress or was done at once has none."""
    row = connection.execute("SELECT body FROM operation_logs WHERE id = ?", (identifier,)).fetchone()
    told: dict[str, Any] = json.loads(row["body"]) if row else {}
    return told


def _body(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    dataset, _, identifier = name.rpartition("/operations/")
    return get(connection, dataset, identifier)


def _set(connection: sqlite3.Connection, name: str, body: Mapping[str, Any]) -> None:
    connection.execute("UPDATE fhir_operations SET body = ? WHERE id = ?", (json.dumps(body), name.rpartition("/")[2]))


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
