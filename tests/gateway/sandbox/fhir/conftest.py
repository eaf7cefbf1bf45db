"""A client of the sandbox's FHIR store, and a session in memory."""

import sqlite3

import pytest
from aiohttp import ClientSession

from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir


@pytest.fixture
def fhir(sandbox: Sandbox, client: ClientSession) -> Fhir:
    """Return a client of a store that takes IDs of its clients."""
    return Fhir(sandbox, client)


@pytest.fixture
def session(connection: sqlite3.Connection) -> Session:
    """Return a session of a store in memory."""
    return open_session(connection, "projects/p/locations/l/datasets/d/fhirStores/f", FhirOptions())
