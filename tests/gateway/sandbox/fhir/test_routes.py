"""The routes of the FHIR stores."""

import time
from pathlib import Path

from gateway.sandbox.database import Database
from gateway.sandbox.faults import NotificationFaults
from gateway.sandbox.fhir.routes import fhir_routes
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.pubsub.broker import Broker


def test_once(tmp_path: Path) -> None:
    """No method and path is served twice: the second one would never be reached."""
    notifier = Notifier(Broker(time.time), NotificationFaults())
    routes = fhir_routes(Database(tmp_path / "x"), FhirOptions(), [], notifier, tmp_path)
    addresses = [(route.method, route.path) for route in routes]
    assert len(set(addresses)) == len(addresses)
