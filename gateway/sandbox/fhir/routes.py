"""Everything that the FHIR stores serve, as one list of routes."""

from aiohttp import web

from gateway.sandbox.fhir.api import FhirApi
from gateway.sandbox.fhir.binary_api import FhirBinaryApi
from gateway.sandbox.fhir.http import FhirStores, Listener
from gateway.sandbox.fhir.managing.bulk_api import FhirBulkApi
from gateway.sandbox.fhir.managing.operations_api import FhirOperationsApi
from gateway.sandbox.fhir.managing.stores_api import FhirStoresApi
from gateway.sandbox.fhir.search_api import FhirSearchApi
from gateway.sandbox.fhir.tables.streaming import FhirStreams
from gateway.sandbox.place import Place


def fhir_routes(place: Place, listeners: list[Listener]) -> list[web.RouteDef]:
    """Return the routes of all FHIR stores; *listeners* are told what changed."""
    fhir = FhirStores(place.database, place.options, listeners, place.notifier, FhirStreams(place.tables))
    # The order counts: the first route that fits is taken, and those for any type come last.
    apis = (
        FhirStoresApi(fhir),
        FhirOperationsApi(fhir, place),
        FhirBulkApi(place),
        FhirBinaryApi(fhir),
        FhirSearchApi(fhir),
        FhirApi(fhir),
    )
    return [route for api in apis for route in api.routes()]
