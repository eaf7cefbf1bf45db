"""Sizes and storage classes of instances: metrics, storage info, ``setBlobStorageSettings``.

The files are blob storage, the metadata is structured storage. A storage class has no other effect than to be told.
"""

import sqlite3
from typing import Any

from gateway.sandbox.clock import now
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError

CLASSES = {"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"}


def metrics(connection: sqlite3.Connection, scope: Scope) -> dict[str, str]:
    """Return the numbers of a store, study or series; raises a 404 for a study or series that is not there."""
    condition, values = scope.condition()
    row = connection.execute(
        "SELECT COUNT(DISTINCT study_uid) AS studies, COUNT(DISTINCT study_uid || series_uid) AS series,"  # noqa: S608
        " COUNT(*) AS instances, COALESCE(SUM(size), 0) AS blob, COALESCE(SUM(LENGTH(metadata)), 0) AS structured"
        f" FROM instances WHERE {condition}",
        values,
    ).fetchone()
    if scope.study_uid is not None and not row["instances"]:
        raise ApiError(404, "there is no such study or series")
    counts = {"studyCount": row["studies"], "seriesCount": row["series"], "instanceCount": row["instances"]}
    sizes = {"structuredStorageSizeBytes": row["structured"], "blobStorageSizeBytes": row["blob"]}
    if scope.study_uid is not None:
        del counts["studyCount"]
    if scope.series_uid is not None:
        del counts["seriesCount"]
    return {name: str(number) for name, number in {**counts, **sizes}.items()}


def storage_info(connection: sqlite3.Connection, scope: Scope) -> dict[str, Any]:
    """Return where an instance is stored and how large it is."""
    condition, values = scope.condition()
    row = connection.execute(
        "SELECT size, LENGTH(metadata) AS structured, create_time, class, moment FROM instances"  # noqa: S608
        " LEFT JOIN storage_classes USING (store, sop_uid)"
        f" WHERE {condition}",
        values,
    ).fetchone()
    if row is None:
        raise ApiError(404, "there is no such instance")
    return {
        "blobStorageInfo": {
            "sizeBytes": str(row["size"]),
            "storageClass": row["class"] or "STANDARD",
            "storageClassUpdateTime": row["moment"] or row["create_time"],
        },
        "structuredStorageInfo": {"sizeBytes": str(row["structured"])},
    }


def set_class(connection: sqlite3.Connection, scope: Scope, storage_class: str) -> int:
    """Set the storage class of the instances in *scope*; return how many there are."""
    condition, values = scope.condition()
    return connection.execute(
        "INSERT OR REPLACE INTO storage_classes (store, sop_uid, class, moment)"  # noqa: S608
        f" SELECT store, sop_uid, ?, ? FROM instances WHERE {condition}",
        (storage_class, now(), *values),
    ).rowcount


def class_in(settings: dict[str, Any]) -> str:
    """Return the class in ``BlobStorageSettings``, empty for none; raises a 400 for one that is not known."""
    found = settings.get("blobStorageClass", "")
    if found in {"", "BLOB_STORAGE_CLASS_UNSPECIFIED"}:
        return ""
    if found not in CLASSES:
        raise ApiError(400, f"blobStorageClass is not one of {', '.join(sorted(CLASSES))}")
    return str(found)
