"""The instances in database and folders."""

import shutil
import sqlite3
from pathlib import Path

from gateway.sandbox.dicom.file import Failure, FailureReason, Instance, inspect
from gateway.sandbox.dicom.store import Scope, add, delete, find
from tests.dicom_files import make_instance


def made(folder: Path, number: int, study: str = "1.2.3", series: str = "1.2.3.4") -> tuple[Path, Instance]:
    """Return a new file and what is known about it."""
    path = make_instance(folder, number, study, series)
    instance = inspect(path)
    assert isinstance(instance, Instance)
    return path, instance


def test_add(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """An instance is moved to a place that tells what it is, and its octets stay."""
    path, instance = made(tmp_path, 1)
    octets = path.read_bytes()
    assert add(connection, tmp_path, "p/s", path, instance) == instance
    (stored,) = find(connection, tmp_path, Scope("p/s"))
    assert stored.path == tmp_path / "dicom/p/s/1.2.3/1.2.3.4" / f"{instance.sop_uid}.dcm"
    assert stored.path.read_bytes() == octets
    assert not path.exists()


def test_again(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """The same data set again is success; another under the same UID is a conflict and changes nothing."""
    path, instance = made(tmp_path, 1)
    octets = path.read_bytes()
    for name in ("same.dcm", "other.dcm"):
        shutil.copy(path, tmp_path / name)
    other = tmp_path / "other.dcm"
    other.write_bytes(octets.replace(b"TEST^NOBODY", b"TEST^OTHERS"))
    changed = inspect(other)
    assert isinstance(changed, Instance)
    verdicts = [
        add(connection, tmp_path, "s", file, each)
        for file, each in ((path, instance), (tmp_path / "same.dcm", instance), (other, changed))
    ]
    conflict = Failure(FailureReason.DUPLICATE_INSTANCE, instance.sop_class_uid, instance.sop_uid)
    assert verdicts == [instance, instance, conflict]
    (stored,) = find(connection, tmp_path, Scope("s"))
    assert stored.path.read_bytes() == octets


def test_scopes(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """A scope is a store, a study, a series or an instance."""
    instances = [made(tmp_path, 1), made(tmp_path, 2, series="1.2.3.5"), made(tmp_path, 3, study="1.2.4")]
    for path, instance in instances:
        add(connection, tmp_path, "s", path, instance)
    scopes = [
        Scope("s"),
        Scope("s", "1.2.3"),
        Scope("s", "1.2.3", "1.2.3.5"),
        Scope("s", "1.2.3", "1.2.3.5", instances[1][1].sop_uid),
        Scope("s", "1.2.4", "1.2.3.5"),
        Scope("other"),
    ]
    assert [3, 2, 1, 1, 0, 0] == [len(find(connection, tmp_path, scope)) for scope in scopes]


def test_delete(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """What is deleted is gone from the database and from the folder; the rest stays."""
    for path, instance in (made(tmp_path, 1), made(tmp_path, 2, study="1.2.4")):
        add(connection, tmp_path, "s", path, instance)
    gone, kept = find(connection, tmp_path, Scope("s"))
    assert [1, 0] == [delete(connection, tmp_path, Scope("s", "1.2.3")) for _ in range(2)]
    assert [kept] == find(connection, tmp_path, Scope("s"))
    assert (gone.path.exists(), kept.path.exists()) == (False, True)
