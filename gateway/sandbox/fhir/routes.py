"""Everything that the FHIR stores serve, as one list of routes."""

from pathlib import Path

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.fhir.api import FhirApi
from gateway.sandbox.fhir.binary_api import FhirBinaryApi
from gateway.sandbox.fhir.http import FhirStores, Listener
from gateway.sandbox.fhir.managing.operations_api import FhirOperationsApi
from gateway.sandbox.fhir.managing.stores_api import FhirStoresApi
from gateway.sandbox.fhir.search_api import FhirSearchApi
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.notifications import Notifier


def fhir_routes(
    database: Database, options: FhirOptions, listeners: list[Listener], notifier: Notifier, buckets: Path
) -> list[web.RouteDef]:
    """Return the routes of all FHIR stores; *listeners* are told what changed, *buckets* is the place of ``gs://``."""
    fhir = FhirStores(database, options, listeners, notifier)
    # The order counts: the first route that fits is taken, and those for any type come last.
    apis = (
        FhirStoresApi(fhir),
        FhirOperationsApi(fhir, buckets),
        FhirBinaryApi(fhir),
        FhirSearchApi(fhir),
        FhirApi(fhir),
    )
    return [route for api in apis for route in api.routes()]
