"""The routes of the FHIR stores."""

import time
from pathlib import Path

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.database import Database
from gateway.sandbox.faults import NotificationFaults
from gateway.sandbox.fhir.routes import fhir_routes
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.operations.running import Running
from gateway.sandbox.place import Place
from gateway.sandbox.pubsub.broker import Broker
from gateway.sandbox.worker import Worker


def test_once(tmp_path: Path) -> None:
    """No method and path is served twice: the second one would never be reached."""
    notifier = Notifier(Broker(time.time), NotificationFaults())
    database, worker = Database(tmp_path / "x"), Worker("test")
    place = Place(database, worker, tmp_path, notifier, FhirOptions(), Buckets(tmp_path), Running(database))
    routes = fhir_routes(place, [])
    worker.close()
    addresses = [(route.method, route.path) for route in routes]
    assert len(set(addresses)) == len(addresses)
