"""Resource names in the format of the Cloud Healthcare API."""

from aiohttp import web

# A segment does not begin with a dot and is limited in length, so that it is safe as the name of a folder.
_SEGMENT = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"

_DATASET = f"/v1/projects/{{project:{_SEGMENT}}}/locations/{{location:{_SEGMENT}}}/datasets/{{dataset:{_SEGMENT}}}"

DATASET_PATH = _DATASET
HL7V2_STORE_PATH = f"{_DATASET}/hl7V2Stores/{{store:{_SEGMENT}}}"
DICOM_STORE_PATH = f"{_DATASET}/dicomStores/{{store:{_SEGMENT}}}"
STORES_PATH = f"{_DATASET}/{{kind:hl7V2Stores|dicomStores}}"
STORE_PATH = f"{STORES_PATH}/{{store:{_SEGMENT}}}"
FHIR_STORES_PATH = f"{_DATASET}/fhirStores"
FHIR_STORE_PATH = f"{FHIR_STORES_PATH}/{{store:{_SEGMENT}}}"
OPERATIONS_PATH = f"{_DATASET}/operations"


def store_name(request: web.Request, kind: str) -> str:
    """Return the name of the store that *request* is about; *kind* is ``fhirStores``, for example."""
    return f"{dataset_name(request)}/{kind}/{request.match_info['store']}"


def dataset_name(request: web.Request) -> str:
    """Return the name of the dataset that *request* is about."""
    info = request.match_info
    return f"projects/{info['project']}/locations/{info['location']}/datasets/{info['dataset']}"


def dicomweb_url(request: web.Request) -> str:
    """Return the DICOMweb root of the store that *request* is about, as the client addressed it."""
    return f"{request.url.origin()}/v1/{store_name(request, 'dicomStores')}/dicomWeb"


def fhir_url(request: web.Request) -> str:
    """Return the root of the FHIR store that *request* is about, as the client addressed it."""
    return f"{request.url.origin()}/v1/{store_name(request, 'fhirStores')}/fhir"
