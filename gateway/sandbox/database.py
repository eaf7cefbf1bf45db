"""The SQLite database of all stores; only one thread uses it."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from gateway.sandbox.fhir.schema import FHIR_SCHEMA
from gateway.sandbox.storage.records import STORAGE_SCHEMA
from gateway.sandbox.worker import Worker

T = TypeVar("T")

# synchronous=FULL: an answer may say "stored" only when the data survives a power cut.
SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;

CREATE TABLE IF NOT EXISTS messages (
    row INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    id TEXT NOT NULL,
    data BLOB NOT NULL,
    ack BLOB NOT NULL,
    control_id TEXT NOT NULL,
    message_type TEXT NOT NULL,
    send_facility TEXT NOT NULL,
    send_time TEXT,
    create_time TEXT NOT NULL,
    patient_ids TEXT NOT NULL,
    labels TEXT NOT NULL,
    UNIQUE (store, id)
);

CREATE TABLE IF NOT EXISTS instances (
    row INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    study_uid TEXT NOT NULL,
    series_uid TEXT NOT NULL,
    sop_uid TEXT NOT NULL,
    sop_class_uid TEXT NOT NULL,
    transfer_syntax_uid TEXT NOT NULL,
    modality TEXT,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    path TEXT NOT NULL,
    metadata TEXT NOT NULL,
    create_time TEXT NOT NULL,
    UNIQUE (store, sop_uid)
);
CREATE TABLE IF NOT EXISTS stores (
    name TEXT PRIMARY KEY,
    resource TEXT NOT NULL
) WITHOUT ROWID;
-- Datasets that an operation made; every other one exists as soon as it is used.
CREATE TABLE IF NOT EXISTS datasets (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dataset_settings (name TEXT PRIMARY KEY, resource TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS policies (resource TEXT PRIMARY KEY, policy TEXT NOT NULL) WITHOUT ROWID;
-- What a message was before a change, for rollbacks: null where it was not there.
CREATE TABLE IF NOT EXISTS message_changes (
    row INTEGER PRIMARY KEY, store TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, moment TEXT NOT NULL,
    operation TEXT NOT NULL, before TEXT
);
CREATE INDEX IF NOT EXISTS message_changes_by_moment ON message_changes (store, moment);
-- The storage class of instances that have another one than STANDARD, and since when.
CREATE TABLE IF NOT EXISTS storage_classes (
    store TEXT NOT NULL, sop_uid TEXT NOT NULL, class TEXT NOT NULL, moment TEXT NOT NULL, PRIMARY KEY (store, sop_uid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS instances_by_series ON instances (store, study_uid, series_uid);
{FHIR_SCHEMA}{STORAGE_SCHEMA}"""


class Database:
    """Open it with ``async with``; every call of :meth:`run` is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._worker = Worker("sandbox-database")
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        try:
            self._connection = await self._worker.run(self._open)
        except BaseException:
            self._worker.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._worker.run(self._close)
        self._worker.close()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* in a transaction and return its result after the commit. If it raises, all changes are undone."""
        return await self._worker.run(partial(self._transact, work))

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.executescript(SCHEMA)
        except BaseException:  # for example: the file is not a database
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            raise sqlite3.ProgrammingError("the database is not open")
        connection.execute("BEGIN")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return result
