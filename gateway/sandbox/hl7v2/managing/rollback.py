"""``:rollback`` of an HL7v2 store: the changes since a moment are undone, the latest first, each as a new change."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.clock import rfc3339
from gateway.sandbox.fhir.search.moments import interval
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import changes
from gateway.sandbox.json_bodies import check_keys, object_in
from gateway.sandbox.operations.records import Finished

METHOD = "hl7v2.Hl7V2Service.RollbackHl7V2Messages"
CHANGES = {"CHANGE_TYPE_UNSPECIFIED", "ALL", "CREATE", "UPDATE", "DELETE"}
KEYS = {
    "changeType",
    "excludeRollbacks",
    "filteringFields",
    "force",
    "inputGcsObject",
    "resultGcsBucket",
    "rollbackTime",
}
RESULT = "rollback.txt"


def rollback(connection: sqlite3.Connection, store: str, buckets: Buckets, asked: Mapping[str, Any]) -> Finished:
    """Undo changes; without ``force`` only the list of the messages is written."""
    check_keys(asked, KEYS)
    if not isinstance(asked.get("resultGcsBucket"), str) or not asked.get("rollbackTime"):
        raise ApiError(400, "resultGcsBucket and rollbackTime are required")
    if asked.get("changeType", "ALL") not in CHANGES:
        raise ApiError(400, "changeType is not known")
    found = _changes(connection, store, buckets, asked)
    if asked.get("force"):
        for row in found:
            changes.undo(connection, row["kind"], (store, row["id"]), row["before"])
    names = list(dict.fromkeys(row["id"] for row in found))
    bucket = asked["resultGcsBucket"].removeprefix("gs://").rstrip("/")
    buckets.write(f"gs://{bucket}", RESULT, [name.encode() for name in names])
    return Finished(METHOD, len(names))


def _changes(
    connection: sqlite3.Connection, store: str, buckets: Buckets, asked: Mapping[str, Any]
) -> list[sqlite3.Row]:
    """Return the changes to undo, the latest first."""
    moment = _moment(asked["rollbackTime"])
    rows = connection.execute(
        "SELECT id, kind, operation, before FROM message_changes WHERE store = ? AND moment > ? ORDER BY row DESC",
        (store, moment),
    ).fetchall()
    kind, operations, listed = asked.get("changeType", "ALL"), _operations(asked), _listed(buckets, asked)
    return [
        row
        for row in rows
        if kind in {"ALL", "CHANGE_TYPE_UNSPECIFIED", row["kind"]}
        and (operations is None or row["operation"] in operations)
        and (listed is None or row["id"] in listed)
        and not (asked.get("excludeRollbacks") and row["operation"] == changes.ROLLBACK)
    ]


def _moment(text: object) -> str:
    """Return a moment in the form of the column: what happened in the microsecond itself is kept."""
    span = interval(text) if isinstance(text, str) else None
    if span is None:
        raise ApiError(400, "rollbackTime is no RFC 3339 time")
    return rfc3339(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=span[0]))


def _operations(asked: Mapping[str, Any]) -> set[str] | None:
    found = object_in(asked, "filteringFields", {"operationIds"}).get("operationIds")
    if found is None:
        return None
    if not isinstance(found, list):
        raise ApiError(400, "filteringFields.operationIds must be a list")
    return {str(each) for each in found}


def _listed(buckets: Buckets, asked: Mapping[str, Any]) -> set[str] | None:
    uri = asked.get("inputGcsObject")
    if not uri:
        return None
    lines = {line.strip() for path in buckets.objects(str(uri)) for line in path.read_text().splitlines()}
    return {line.rpartition("/")[2] for line in lines}
