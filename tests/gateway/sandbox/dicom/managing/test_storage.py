"""Sizes and storage classes."""

import sqlite3
from pathlib import Path

import pytest

from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.file import Instance, inspect
from gateway.sandbox.dicom.managing.storage import class_in, metrics, set_class, storage_info
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance

STORE = "projects/p/locations/l/datasets/d/dicomStores/d"


@pytest.fixture
def uids(connection: sqlite3.Connection, tmp_path: Path) -> list[str]:
    """Store three instances of two series; return their UIDs."""
    found = []
    for number, series in enumerate(("1.1", "1.1", "1.2")):
        file = make_instance(tmp_path, number, "1", series)
        instance = inspect(file)
        assert isinstance(instance, Instance)
        dicom_store.add(connection, tmp_path, STORE, file, instance)
        found.append(instance.sop_uid)
    return found


def test_metrics(connection: sqlite3.Connection, uids: list[str]) -> None:
    """Counts and sizes of a store, a study and a series."""
    whole, study = metrics(connection, Scope(STORE)), metrics(connection, Scope(STORE, "1"))
    series = metrics(connection, Scope(STORE, "1", "1.1"))
    assert (whole["studyCount"], whole["seriesCount"], whole["instanceCount"]) == ("1", "2", "3")
    assert (study["seriesCount"], study["instanceCount"], "studyCount" in study) == ("2", "3", False)
    assert (series["instanceCount"], "seriesCount" in series) == ("2", False)
    assert int(whole["blobStorageSizeBytes"]) > int(whole["structuredStorageSizeBytes"]) > 0
    assert metrics(connection, Scope(f"{STORE}2"))["instanceCount"] == "0"
    with pytest.raises(ApiError):
        metrics(connection, Scope(STORE, "2"))
    assert len(uids) == 3


def test_class(connection: sqlite3.Connection, uids: list[str], tmp_path: Path) -> None:
    """A class is set for what is named, and gone with the instance."""
    one = Scope(STORE, "1", "1.1", uids[0])
    before = storage_info(connection, one)["blobStorageInfo"]
    assert before["storageClass"] == "STANDARD"
    assert set_class(connection, Scope(STORE, "1", "1.1"), "ARCHIVE") == 2
    after = storage_info(connection, one)["blobStorageInfo"]
    assert (after["storageClass"], after["storageClassUpdateTime"] > before["storageClassUpdateTime"]) == (
        "ARCHIVE",
        True,
    )
    other = Scope(STORE, "1", "1.2", uids[2])
    assert storage_info(connection, other)["blobStorageInfo"]["storageClass"] == "STANDARD"
    dicom_store.delete(connection, tmp_path, Scope(STORE, "1", "1.1"))
    assert connection.execute("SELECT COUNT(*) FROM storage_classes").fetchone()[0] == 0
    with pytest.raises(ApiError):
        storage_info(connection, one)


def test_known_classes() -> None:
    """Other classes than Google's are refused."""
    assert (class_in({}), class_in({"blobStorageClass": "NEARLINE"})) == ("", "NEARLINE")
    with pytest.raises(ApiError):
        class_in({"blobStorageClass": "FREEZER"})
