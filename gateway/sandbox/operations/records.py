"""Long-running operations: what was done, for the clients that poll.

Work that is one transaction is done when it is asked for (:func:`record`); what takes longer is begun, and ends later
(``running.py``). Runs in the database's thread.
"""

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clock import now
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import Caller

_TYPES = "type.googleapis.com/google.cloud.healthcare"
Failed = tuple[str, str]
"""The place of what failed, a URI with a line for example, and the reason."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What an operation has done."""

    method: str
    """As the metadata names it, without the package: ``fhir.FhirStoreService.ImportResources``."""
    success: int
    failure: int = 0
    response: Mapping[str, Any] | None = None
    secondary_success: int = 0


def record(connection: sqlite3.Connection, caller: Caller, done: Finished, started: str) -> dict[str, Any]:
    """Keep an operation that is done; return it as it was when it began, which is what Google's API answers."""
    name, metadata = _new(caller, done.method, started)
    counter = counted(success=done.success, failure=done.failure, secondarySuccess=done.secondary_success)
    body = {
        "name": name,
        "metadata": {**metadata, "endTime": now(), **({"counter": counter} if counter else {})},
        "done": True,
        "response": {"@type": response_type(caller, done.method), **(done.response or {})},
    }
    _insert(connection, body)
    return {"name": name, "metadata": metadata}


def set_response(connection: sqlite3.Connection, name: str, response: Mapping[str, Any]) -> None:
    """Set what an operation that is done answers, with its type."""
    _set(connection, name, {**_body(connection, name), "response": response})


def begin(connection: sqlite3.Connection, caller: Caller, method: str) -> dict[str, Any]:
    """Keep an operation that is in progress, and return it."""
    name, metadata = _new(caller, method, now())
    body = {"name": name, "metadata": metadata}
    _insert(connection, body)
    return body


def response_type(caller: Caller, method: str) -> str:
    """Return the type of what a *method* answers: that of ``fhir.FhirStoreService.X`` is ``….fhir.XResponse``."""
    return f"{_TYPES}.{caller.version}.{method.partition('.')[0]}.{method.rpartition('.')[2]}Response"


def counted(**numbers: int) -> dict[str, str]:
    """Return a ``ProgressCounter``; a number that is 0 has no key, as in protobuf's JSON."""
    return {name: str(number) for name, number in numbers.items() if number}


def write_progress(
    connection: sqlite3.Connection, name: str, counter: Mapping[str, str], failed: Iterable[Failed] = ()
) -> None:
    """Set the counter of an operation, and add to its log what failed since the last time."""
    body = _body(connection, name)
    body["metadata"]["counter"] = dict(counter)
    _set(connection, name, body)
    add_failures(connection, name, failed)


def add_failures(connection: sqlite3.Connection, name: str, failed: Iterable[Failed]) -> None:
    """Add what failed to the log of an operation."""
    connection.executemany(
        "INSERT INTO operation_failures (operation, place, reason) VALUES (?, ?, ?)",
        [(_identifier(name), *each) for each in failed],
    )


def failures(connection: sqlite3.Connection, identifier: str) -> list[Failed]:
    """Return what failed in an operation, in that order."""
    rows = connection.execute(
        "SELECT place, reason FROM operation_failures WHERE operation = ? ORDER BY row", (identifier,)
    )
    return [(row[0], row[1]) for row in rows]


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
        "INSERT OR REPLACE INTO operation_logs (id, body) VALUES (?, ?)", (_identifier(name), json.dumps(told))
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


def latest(connection: sqlite3.Connection, most: int) -> list[dict[str, Any]]:
    """Return the latest operations of all datasets."""
    rows = connection.execute("SELECT body FROM fhir_operations ORDER BY row DESC LIMIT ?", (most,))
    return [json.loads(row["body"]) for row in rows]


def delete(connection: sqlite3.Connection, dataset: str, identifier: str) -> None:
    """Forget an operation."""
    get(connection, dataset, identifier)
    connection.execute("DELETE FROM fhir_operations WHERE dataset = ? AND id = ?", (dataset, identifier))
    connection.execute("DELETE FROM operation_logs WHERE id = ?", (identifier,))
    connection.execute("DELETE FROM operation_failures WHERE operation = ?", (identifier,))


def _new(caller: Caller, method: str, started: str) -> tuple[str, dict[str, Any]]:
    name = f"{caller.dataset}/operations/{str(uuid.uuid4().int)[:19]}"
    return name, {
        "@type": f"{_TYPES}.{caller.version}.OperationMetadata",
        "apiMethodName": f"google.cloud.healthcare.{caller.version}.{method}",
        "createTime": started,
        "logsUrl": f"{caller.url}/{name}/logs",
    }


def _insert(connection: sqlite3.Connection, body: Mapping[str, Any]) -> None:
    dataset, _, identifier = body["name"].rpartition("/operations/")
    connection.execute(
        "INSERT INTO fhir_operations (dataset, id, body) VALUES (?, ?, ?)", (dataset, identifier, json.dumps(body))
    )


def _body(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    dataset, _, identifier = name.rpartition("/operations/")
    return get(connection, dataset, identifier)


def _set(connection: sqlite3.Connection, name: str, body: Mapping[str, Any]) -> None:
    connection.execute("UPDATE fhir_operations SET body = ? WHERE id = ?", (json.dumps(body), _identifier(name)))


def _identifier(name: str) -> str:
    return name.rpartition("/")[2]
