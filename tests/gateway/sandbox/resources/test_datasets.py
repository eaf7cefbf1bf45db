"""Datasets in the database."""

import sqlite3
from pathlib import Path

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.iam import policies
from gateway.sandbox.names import Caller
from gateway.sandbox.operations import records
from gateway.sandbox.resources import datasets

L = "projects/p/locations/l"
D = f"{L}/datasets/d"
MESSAGE = b"MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\r"


def test_life(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """A dataset is created once; with it everything in it is deleted, and nothing of its neighbour."""
    assert datasets.create(connection, D, {"timeZone": "Europe/Berlin"}) == {"name": D, "timeZone": "Europe/Berlin"}
    with pytest.raises(ApiError):
        datasets.create(connection, D, {})
    hl7v2_store.add(connection, f"{D}/hl7V2Stores/s", MESSAGE, {})
    hl7v2_store.add(connection, f"{D}2/hl7V2Stores/s", MESSAGE, {})
    policies.replace(connection, f"{D}/hl7V2Stores/s", {"bindings": []}, ["bindings"])
    records.begin(connection, Caller(D, "http://h/v1"), "x.Y.Z")
    assert [each["name"] for each in datasets.find_all(connection, L)] == [D, f"{D}2"]
    datasets.delete(connection, tmp_path, D)
    assert [each["name"] for each in datasets.find_all(connection, L)] == [f"{D}2"]
    assert records.find_all(connection, D) == []
    assert policies.get(connection, f"{D}/hl7V2Stores/s") == {"etag": policies.NO_POLICY}
    with pytest.raises(ApiError):
        datasets.delete(connection, tmp_path, D)


def test_settings() -> None:
    """A time zone must be one; keys of Google's KMS are not there."""
    assert datasets.check({"name": "x", "timeZone": ""}) == {}
    for body, status in (
        ({"timeZone": "Mars/Base"}, 400),
        ({"x": 1}, 400),
        ({"encryptionSpec": {"kmsKeyName": "k"}}, 501),
    ):
        with pytest.raises(ApiError) as raised:
            datasets.check(body)
        assert raised.value.status == status


def test_implicit(connection: sqlite3.Connection) -> None:
    """A dataset that nobody created is simply there; one that exists because of its stores can be created."""
    assert datasets.get(connection, D) == {"name": D}
    hl7v2_store.add(connection, f"{D}/hl7V2Stores/s", MESSAGE, {})
    assert not datasets.is_made(connection, D)
    datasets.create(connection, D, {})
    assert datasets.is_made(connection, D)
