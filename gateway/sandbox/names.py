"""Resource names in the format of the Cloud Healthcare API."""

from aiohttp import web

# A segment does not begin with a dot and is limited in length, so that it is safe as the name of a folder.
_SEGMENT = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"

_DATASET = f"/v1/projects/{{project:{_SEGMENT}}}/locations/{{location:{_SEGMENT}}}/datasets/{{dataset:{_SEGMENT}}}"

HL7V2_STORE_PATH = f"{_DATASET}/hl7V2Stores/{{store:{_SEGMENT}}}"
DICOM_STORE_PATH = f"{_DATASET}/dicomStores/{{store:{_SEGMENT}}}"


def store_name(request: web.Request, kind: str) -> str:
    """Return the name of the store that *request* is about; *kind* is ``hl7V2Stores`` or ``dicomStores``."""
    info = request.match_info
    return f"projects/{info['project']}/locations/{info['location']}/datasets/{info['dataset']}/{kind}/{info['store']}"


def dicomweb_url(request: web.Request) -> str:
    """Return the DICOMweb root of the store that *request* is about, as the client addressed it."""
    return f"{request.url.origin()}/v1/{store_name(request, 'dicomStores')}/dicomWeb"
