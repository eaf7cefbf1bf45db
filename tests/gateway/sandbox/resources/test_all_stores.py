"""The stores of all kinds together."""

import sqlite3
from pathlib import Path

from gateway.sandbox.fhir.managing import stores as fhir_stores
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.resources import all_stores
from gateway.sandbox.stores import write_store

D = "projects/p/locations/l/datasets/d"
MESSAGE = b"MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\r"


def test_names(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """A store is there if it was created or holds something; a deleted one is not."""
    write_store(connection, f"{D}/dicomStores/d", {})
    hl7v2_store.add(connection, f"{D}/hl7V2Stores/s", MESSAGE, {})
    fhir_stores.create(connection, D, "f", {"version": "R4"})
    names = [f"{D}/dicomStores/d", f"{D}/fhirStores/f", f"{D}/hl7V2Stores/s"]
    assert all_stores.names(connection, f"{D}/") == names
    assert [all_stores.is_made(connection, each) for each in names] == [True, True, False]
    assert all(all_stores.is_there(connection, each) for each in names)
    for each in names:
        all_stores.delete(connection, tmp_path, each)
    assert all_stores.names(connection) == []
    assert not any(all_stores.is_there(connection, each) for each in names)


def test_kind() -> None:
    """The kind of a store is in its name."""
    assert all_stores.kind_of(f"{D}/hl7V2Stores/s") == "hl7V2Stores"
