"""The routes of the FHIR stores."""

from pathlib import Path

from gateway.sandbox.database import Database
from gateway.sandbox.fhir.routes import fhir_routes
from gateway.sandbox.fhir.settings import FhirOptions


def test_once(tmp_path: Path) -> None:
    """No method and path is served twice: the second one would never be reached."""
    routes = fhir_routes(Database(tmp_path / "x"), FhirOptions(), [], tmp_path)
    addresses = [(route.method, route.path) for route in routes]
    assert len(set(addresses)) == len(addresses)
