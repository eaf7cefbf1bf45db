"""The settings of stores."""

import sqlite3
from typing import Any

import pytest

from gateway.sandbox.fhir.managing import stores
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.fhir.fhir_client import patient

DATASET = "projects/p/locations/l/datasets/d"
NAME = f"{DATASET}/fhirStores/f"

STREAM = {"bigqueryDestination": {"datasetUri": "bq://p.d", "schemaConfig": {"schemaType": "ANALYTICS_V2"}}}
REFUSED: dict[str, tuple[Any, int]] = {
    "no object": ([], 400),
    "unknown": ({"spam": 1}, 400),
    "no flag": ({"enableUpdateCreate": "yes"}, 400),
    "not supported": ({"consentConfig": {}}, 501),
    "no tables": ({"streamConfigs": [STREAM]}, 501),
}


@pytest.mark.parametrize(("config", "status"), REFUSED.values(), ids=REFUSED)
def test_check(config: Any, status: int) -> None:
    """Unknown keys are errors."""
    with pytest.raises(ApiError) as raised:
        stores.check_config(config)
    assert status == raised.value.status


def test_immutable(connection: sqlite3.Connection) -> None:
    """The flags that Google's API calls immutable cannot be changed."""
    stores.create(connection, DATASET, "f", {"version": "R4"})
    with pytest.raises(ApiError):
        stores.patch(connection, NAME, {"disableReferentialIntegrity": True}, ["disableReferentialIntegrity"])
    with pytest.raises(ApiError):
        stores.patch(connection, NAME, {}, [])


def test_version(connection: sqlite3.Connection) -> None:
    """There are stores of R4 only."""
    for config, status in (({}, 400), ({"version": "R5"}, 501)):
        with pytest.raises(ApiError) as raised:
            stores.create(connection, DATASET, "f", config)
        assert status == raised.value.status


def test_delete(connection: sqlite3.Connection) -> None:
    """Nothing is left of a store that is deleted."""
    session = stores.open_session(connection, NAME, FhirOptions())
    for _ in range(2):
        session.update(patient("p", name=[{"family": "X"}], link=[{"other": {"reference": "Patient/p"}}]), "p")
    stores.delete(connection, NAME)
    for table in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'fhir%'"):
        assert connection.execute(f"SELECT COUNT(*) FROM {table[0]}").fetchone()[0] == 0, table[0]


def test_implicit(connection: sqlite3.Connection) -> None:
    """A store that is used without having been created takes its clients' IDs; a created one has Google's default."""
    assert stores.open_session(connection, NAME, FhirOptions()).flags.update_create
    stores.create(connection, DATASET, "g", {"version": "R4"})
    assert not stores.open_session(connection, f"{DATASET}/fhirStores/g", FhirOptions()).flags.update_create
