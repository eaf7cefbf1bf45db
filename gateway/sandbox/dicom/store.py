"""The instances of the DICOM stores: database rows and files. These functions run in the thread of the database."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from gateway.sandbox.clock import now
from gateway.sandbox.dicom.file import Failure, FailureReason, Instance
from gateway.sandbox.worker import sync_file


@dataclass(frozen=True, slots=True)
class Scope:
    """The resource that a path of a DICOM store names: the whole store, or one study, series or instance."""

    store: str
    study_uid: str | None = None
    series_uid: str | None = None
    sop_uid: str | None = None

    def condition(self) -> tuple[str, tuple[str, ...]]:
        """Return an SQL condition, made of fixed fragments, and the values of its placeholders."""
        named = {"study_uid": self.study_uid, "series_uid": self.series_uid, "sop_uid": self.sop_uid}
        given = {column: uid for column, uid in named.items() if uid is not None}
        return " AND ".join(["store = ?", *(f"{column} = ?" for column in given)]), (self.store, *given.values())


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """The columns of one instance that a retrieval needs."""

    path: Path
    size: int
    transfer_syntax_uid: str
    metadata: str


def add(connection: sqlite3.Connection, root: Path, store: str, file: Path, instance: Instance) -> Instance | Failure:
    """Move the fsynced *file* to its place below *root*. If the same data set is stored already, change nothing."""
    return add_all(connection, root, store, [(file, instance)])[0]


def add_all(
    connection: sqlite3.Connection, root: Path, store: str, found: Iterable[tuple[Path, Instance]]
) -> list[Instance | Failure]:
    """Do the same with several files, of which each folder is fsynced once."""
    folders: set[Path] = set()
    verdicts = [_add(connection, root, store, file, instance, folders) for file, instance in found]
    for folder in folders:
        sync_file(folder)
    return verdicts


def _add(
    connection: sqlite3.Connection, root: Path, store: str, file: Path, instance: Instance, folders: set[Path]
) -> Instance | Failure:
    known = connection.execute(
        "SELECT study_uid, series_uid, transfer_syntax_uid, digest FROM instances WHERE store = ? AND sop_uid = ?",
        (store, instance.sop_uid),
    ).fetchone()
    if known is not None:
        same = (instance.study_uid, instance.series_uid, instance.transfer_syntax_uid, instance.digest)
        conflict = Failure(FailureReason.DUPLICATE_INSTANCE, instance.sop_class_uid, instance.sop_uid)
        return instance if tuple(known) == same else conflict
    path = Path("dicom", store, instance.study_uid, instance.series_uid, f"{instance.sop_uid}.dcm")
    _insert(connection, store, path, instance)
    _move(file, root / path, folders)
    return instance


def find(connection: sqlite3.Connection, root: Path, scope: Scope) -> list[StoredInstance]:
    """Return the instances in *scope*, in the order of their arrival."""
    condition, values = scope.condition()
    rows = connection.execute(
        f"SELECT path, size, transfer_syntax_uid, metadata FROM instances WHERE {condition} ORDER BY row",  # noqa: S608
        values,
    )
    return [StoredInstance(root / row[0], *row[1:]) for row in rows]


def delete(connection: sqlite3.Connection, root: Path, scope: Scope) -> int:
    """Remove the instances in *scope*; return how many there were."""
    condition, values = scope.condition()
    connection.execute(
        f"DELETE FROM storage_classes WHERE store = ? AND sop_uid IN (SELECT sop_uid FROM instances WHERE {condition})",  # noqa: S608
        (scope.store, *values),
    )
    rows = connection.execute(f"DELETE FROM instances WHERE {condition} RETURNING path", values).fetchall()  # noqa: S608
    # Delete the files within the transaction: after it, the same path may belong to an instance that was stored later.
    for row in rows:
        (root / row[0]).unlink(missing_ok=True)
    return len(rows)


def _insert(connection: sqlite3.Connection, store: str, path: Path, instance: Instance) -> None:
    row: Sequence[object] = (
        store,
        instance.study_uid,
        instance.series_uid,
        instance.sop_uid,
        instance.sop_class_uid,
        instance.transfer_syntax_uid,
        instance.modality,
        instance.digest,
        instance.size,
        str(path),
        instance.metadata,
        now(),
    )
    connection.execute(
        "INSERT INTO instances (store, study_uid, series_uid, sop_uid, sop_class_uid, transfer_syntax_uid, modality,"
        " digest, size, path, metadata, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def _move(file: Path, target: Path, folders: set[Path]) -> None:
    """Rename *file*; add to *folders* those to be fsynced, without which the new entries may not be on disk."""
    if target.parent not in folders:
        missing = takewhile(lambda folder: not folder.exists(), target.parents)
        folders |= {target.parent, *(folder.parent for folder in missing)}
        target.parent.mkdir(parents=True, exist_ok=True)
    file.replace(target)
