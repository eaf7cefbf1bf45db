"""Resource names in the format of the Cloud Healthcare API, in its versions v1 and v1beta1."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

# A segment does not begin with a dot and is limited in length, so that it is safe as the name of a folder.
SEGMENT = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"
IDENTIFIER = re.compile(SEGMENT)

PROJECT_PATH = f"/v1/projects/{{project:{SEGMENT}}}"
LOCATIONS_PATH = f"{PROJECT_PATH}/locations"
LOCATION_PATH = f"{LOCATIONS_PATH}/{{location:{SEGMENT}}}"
DATASETS_PATH = f"{LOCATION_PATH}/datasets"
DATASET_PATH = f"{DATASETS_PATH}/{{dataset:{SEGMENT}}}"
HL7V2_STORE_PATH = f"{DATASET_PATH}/hl7V2Stores/{{store:{SEGMENT}}}"
DICOM_STORE_PATH = f"{DATASET_PATH}/dicomStores/{{store:{SEGMENT}}}"
STORES_PATH = f"{DATASET_PATH}/{{kind:hl7V2Stores|dicomStores}}"
STORE_PATH = f"{STORES_PATH}/{{store:{SEGMENT}}}"
ANY_STORE_PATH = f"{DATASET_PATH}/{{kind:hl7V2Stores|dicomStores|fhirStores}}/{{store:{SEGMENT}}}"
FHIR_STORES_PATH = f"{DATASET_PATH}/fhirStores"
FHIR_STORE_PATH = f"{FHIR_STORES_PATH}/{{store:{SEGMENT}}}"
OPERATIONS_PATH = f"{DATASET_PATH}/operations"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where an operation belongs, and how its client addresses the API."""

    dataset: str
    url: str
    """The API with its version: ``http://127.0.0.1:8090/v1``."""

    @property
    def version(self) -> str:
        """``v1`` or ``v1beta1``."""
        return self.url.rpartition("/")[2]


def in_both_versions(routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """Return *routes*, and each of v1 once more for v1beta1, with the same handler."""
    found = list(routes)
    beta = [each for each in found if each.path.startswith("/v1/")]
    return [
        *found,
        *(
            web.RouteDef(each.method, f"/v1beta1/{each.path.removeprefix('/v1/')}", each.handler, each.kwargs)
            for each in beta
        ),
    ]


def caller(request: web.Request) -> Caller:
    """Return who asks: the dataset that *request* is about, and the API as the client addressed it."""
    return Caller(dataset_name(request), api_url(request))


def api_url(request: web.Request) -> str:
    """Return the URL of the API with its version, as the client addressed it."""
    version = "v1beta1" if request.path.startswith("/v1beta1/") else "v1"
    return f"{request.url.origin()}/{version}"


def store_name(request: web.Request, kind: str) -> str:
    """Return the name of the store that *request* is about; *kind* is ``fhirStores``, for example."""
    return f"{dataset_name(request)}/{kind}/{request.match_info['store']}"


def dataset_name(request: web.Request) -> str:
    """Return the name of the dataset that *request* is about."""
    return f"{location_name(request)}/datasets/{request.match_info['dataset']}"


def location_name(request: web.Request) -> str:
    """Return the name of the location that *request* is about."""
    info = request.match_info
    return f"projects/{info['project']}/locations/{info['location']}"


def dicomweb_url(request: web.Request) -> str:
    """Return the DICOMweb root of the store that *request* is about, as the client addressed it."""
    return f"{api_url(request)}/{store_name(request, 'dicomStores')}/dicomWeb"


def fhir_url(request: web.Request) -> str:
    """Return the root of the FHIR store that *request* is about, as the client addressed it."""
    return f"{api_url(request)}/{store_name(request, 'fhirStores')}/fhir"
