"""Which stores there are, and what of them is asked for."""

import sqlite3
from pathlib import Path

import pytest

from gateway.sandbox.deidentifying import stores
from gateway.sandbox.deidentifying.asked import Asked
from gateway.sandbox.fhir.managing.importing import put
from gateway.sandbox.fhir.managing.stores import get, open_session
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.resources import all_stores
from gateway.sandbox.stores import write_store
from tests.gateway.sandbox.deidentifying.support import FHIR_HERE, HERE, NAME, THERE


def patient(connection: sqlite3.Connection, identifier: str) -> None:
    """Store a patient."""
    put(open_session(connection, FHIR_HERE, FhirOptions()), {"resourceType": "Patient", "id": identifier})


def test_names(connection: sqlite3.Connection) -> None:
    """Stores that were created, and stores that hold something; those of a dataset do not have those of another."""
    write_store(connection, HERE, {})
    write_store(connection, f"{NAME}2/dicomStores/d", {})
    patient(connection, "p")
    assert all_stores.names(connection, f"{NAME}/") == [HERE, FHIR_HERE]
    assert len(all_stores.names(connection)) == 3


def test_check(connection: sqlite3.Connection) -> None:
    """Both stores must exist."""
    asked = Asked(HERE, THERE, b"{}")
    for name, missing in ((None, "source"), (HERE, "destination")):
        if name:
            write_store(connection, name, {})
        with pytest.raises(ApiError, match=f"the {missing} store does not exist"):
            stores.check_stores(connection, asked)
    write_store(connection, THERE, {})
    stores.check_stores(connection, asked)


def test_dataset(connection: sqlite3.Connection) -> None:
    """A new dataset has the stores of its source, without HL7v2 stores; an empty one can be a source itself."""
    write_store(connection, HERE, {"notificationConfigs": []})
    write_store(connection, f"{NAME}/hl7V2Stores/h", {})
    patient(connection, "p")
    stores.make_dataset(connection, Asked(NAME, f"{NAME}2", b"{}"))
    assert all_stores.names(connection, f"{NAME}2/") == [f"{NAME}2/dicomStores/d", f"{NAME}2/fhirStores/f"]
    assert get(connection, f"{NAME}2/fhirStores/f")["enableUpdateCreate"] is True
    with pytest.raises(ApiError, match="the destination dataset exists already"):
        stores.make_dataset(connection, Asked(NAME, f"{NAME}2", b"{}"))
    with pytest.raises(ApiError, match="the source dataset does not exist"):
        stores.make_dataset(connection, Asked(f"{NAME}3", f"{NAME}4", b"{}"))


def test_resources(connection: sqlite3.Connection) -> None:
    """All of them, those that are asked for, and those that were there before."""
    for each in ("a", "b"):
        patient(connection, each)

    def found(asked: Asked, before: int = 0) -> int:
        return len(stores.resources(connection, FHIR_HERE, asked, before))

    assert found(Asked(FHIR_HERE, "", b"")) == 2
    assert found(Asked(FHIR_HERE, "", b"", resources={"Patient/a", "Patient/z"})) == 1
    assert found(Asked(FHIR_HERE, "", b"", skips_modified=True)) == 0
    assert found(Asked(FHIR_HERE, "", b"", skips_modified=True), 2**62) == 2
    (row, _) = stores.resources(connection, FHIR_HERE, Asked(FHIR_HERE, "", b""), 0)
    assert b'"a"' in (stores.body_of(connection, row) or b"")
    assert stores.body_of(connection, 99) is None


def test_files(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """A store without instances has no files."""
    assert stores.files(connection, tmp_path, HERE, None) == []
    assert all_stores.kind_of(HERE) == "dicomStores"
