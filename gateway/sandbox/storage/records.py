"""What a file cannot tell of its object (type, own metadata, digests), and the uploads that go on, in the database.

A record is of one generation: when somebody else has changed the file, it is of no use any more, and is not used.
"""

import json
import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

STORAGE_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    size INTEGER NOT NULL,
    resource TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
-- Uploads in parts that are not complete; their octets are in files of the bucket.
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    resource TEXT NOT NULL
) WITHOUT ROWID;
"""
OCTETS = "application/octet-stream"
SETTABLE = ("contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl", "customTime")


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one generation of an object."""

    generation: int
    size: int
    headers: dict[str, str] = field(default_factory=dict)
    """Of SETTABLE, those that were set."""
    metadata: dict[str, str] = field(default_factory=dict)
    md5: str = ""
    crc32c: str = ""
    metageneration: int = 1

    @property
    def content_type(self) -> str:
        """As the uploader said."""
        return self.headers.get("contentType", OCTETS)

    @property
    def has_digests(self) -> bool:
        """Whether the content was read."""
        return bool(self.crc32c)


def read_record(connection: sqlite3.Connection, bucket: str, name: str, generation: int, size: int) -> Record:
    """Return what is known of an object; little, if its file was not written by the sandbox."""
    row = connection.execute(
        "SELECT resource FROM objects WHERE bucket = ? AND name = ? AND generation = ? AND size = ?",
        (bucket, name, generation, size),
    ).fetchone()
    return Record(generation, size, **json.loads(row[0])) if row else Record(generation, size)


def write_record(connection: sqlite3.Connection, bucket: str, name: str, record: Record) -> None:
    """Keep what is known of an object."""
    resource = {
        "headers": record.headers,
        "metadata": record.metadata,
        "md5": record.md5,
        "crc32c": record.crc32c,
        "metageneration": record.metageneration,
    }
    connection.execute(
        "INSERT OR REPLACE INTO objects (bucket, name, generation, size, resource) VALUES (?, ?, ?, ?, ?)",
        (bucket, name, record.generation, record.size, json.dumps(resource)),
    )


def remove_record(connection: sqlite3.Connection, bucket: str, name: str) -> None:
    """Forget an object."""
    connection.execute("DELETE FROM objects WHERE bucket = ? AND name = ?", (bucket, name))


def described(record: Record, resource: dict[str, Any]) -> Record:
    """Return *record* with what an object resource sets; raises ValueError if it is not valid. None removes a value."""
    headers, metadata = dict(record.headers), dict(record.metadata)
    for key in SETTABLE:
        if key in resource:
            _put(headers, key, resource[key])
    if "metadata" in resource:
        own = resource["metadata"]
        if own is None:
            metadata = {}
        elif isinstance(own, dict):
            for key, value in own.items():
                _put(metadata, key, value)
        else:
            raise ValueError("metadata must map texts to texts")
    return replace(record, headers=headers, metadata=metadata)


def _put(texts: dict[str, str], key: str, value: object) -> None:
    if value is None:
        texts.pop(key, None)
    elif isinstance(value, str) and value.isprintable():
        texts[key] = value
    else:
        raise ValueError("metadata and headers of an object must be texts of one line")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts."""

    id: str
    bucket: str
    name: str
    resource: dict[str, Any]
    """The object resource, and below ``conditions`` what must hold when the object is complete."""


def write_upload(connection: sqlite3.Connection, upload: Upload) -> None:
    """Keep an upload."""
    connection.execute(
        "INSERT OR REPLACE INTO uploads (id, bucket, name, resource) VALUES (?, ?, ?, ?)",
        (upload.id, upload.bucket, upload.name, json.dumps(upload.resource)),
    )


def read_upload(connection: sqlite3.Connection, identifier: str) -> Upload | None:
    """Return an upload."""
    row = connection.execute("SELECT bucket, name, resource FROM uploads WHERE id = ?", (identifier,)).fetchone()
    return Upload(identifier, row[0], row[1], json.loads(row[2])) if row else None


def remove_upload(connection: sqlite3.Connection, identifier: str) -> None:
    """Forget an upload."""
    connection.execute("DELETE FROM uploads WHERE id = ?", (identifier,))
