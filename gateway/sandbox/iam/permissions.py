"""Which permission a request needs: the first row that fits its method and what follows the name of the location.

Source: https://cloud.google.com/healthcare-api/docs/access-control ("Permissions"). What a bundle does within a FHIR
store is not looked into: it needs ``executeBundle``, and the permissions to create, update, patch and delete.
"""

import re
from collections.abc import Sequence

_STORE = r"/datasets/[^/:]+/(?P<kind>dicomStores|hl7V2Stores|fhirStores)"
_BUNDLE = "fhirStores.executeBundle fhirResources.create fhirResources.update fhirResources.patch fhirResources.delete"
_ROWS: Sequence[tuple[str, str, str]] = (
    # HTTP method, path below …/projects/{project}, permissions
    (r"GET", r"/locations", "locations.list"),
    (r"GET", r"/locations/[^/]+", "locations.get"),
    (r"GET", r"/datasets", "datasets.list"),
    (r"POST", r"/datasets", "datasets.create"),
    (r"GET", r"/datasets/[^/:]+", "datasets.get"),
    (r"PATCH", r"/datasets/[^/:]+", "datasets.update"),
    (r"DELETE", r"/datasets/[^/:]+", "datasets.delete"),
    (r"\w+", r"/datasets/[^/:]+:testIamPermissions", ""),
    (r"\w+", r"/datasets/[^/:]+:(?P<verb>\w+)", "datasets.{verb}"),
    (r"GET", r"/datasets/[^/:]+/operations", "operations.list"),
    (r"GET", r"/datasets/[^/:]+/operations/[^/:]+(/logs)?", "operations.get"),
    (r"POST", r"/datasets/[^/:]+/operations/[^/:]+:cancel", "operations.cancel"),
    (r"GET", rf"{_STORE}", "{kind}.list"),
    (r"POST", rf"{_STORE}", "{kind}.create"),
    (r"GET", rf"{_STORE}/[^/:]+", "{kind}.get"),
    (r"PATCH", rf"{_STORE}/[^/:]+", "{kind}.update"),
    (r"DELETE", rf"{_STORE}/[^/:]+", "{kind}.delete"),
    (r"GET", rf"{_STORE}/[^/:]+:get\w*StoreMetrics", "{kind}.get"),
    (r"POST", rf"{_STORE}/[^/:]+:setBlobStorageSettings", "{kind}.update"),
    (r"\w+", rf"{_STORE}/[^/:]+:testIamPermissions", ""),
    (r"\w+", rf"{_STORE}/[^/:]+:(?P<verb>\w+)", "{kind}.{verb}"),
    (r"GET", rf"{_STORE}/[^/]+/dicomWeb/.*", "{kind}.dicomWebRead"),
    (r"POST", rf"{_STORE}/[^/]+/dicomWeb/.*:setBlobStorageSettings", "{kind}.update"),
    (r"POST", rf"{_STORE}/[^/]+/dicomWeb/.*", "{kind}.dicomWebWrite"),
    (r"DELETE", rf"{_STORE}/[^/]+/dicomWeb/.*", "{kind}.dicomWebDelete"),
    (r"POST", rf"{_STORE}/[^/]+/messages:ingest", "hl7V2Messages.ingest"),
    (r"POST", rf"{_STORE}/[^/]+/messages", "hl7V2Messages.create"),
    (r"GET", rf"{_STORE}/[^/]+/messages", "hl7V2Messages.list"),
    (r"GET", rf"{_STORE}/[^/]+/messages/[^/]+", "hl7V2Messages.get"),
    (r"PATCH", rf"{_STORE}/[^/]+/messages/[^/]+", "hl7V2Messages.update"),
    (r"DELETE", rf"{_STORE}/[^/]+/messages/[^/]+", "hl7V2Messages.delete"),
    (r"GET", rf"{_STORE}/[^/]+/operations/[^/]+", "fhirStores.getFhirOperation"),
    (r"DELETE", rf"{_STORE}/[^/]+/operations/[^/]+", "fhirStores.deleteFhirOperation"),
    (r"GET", rf"{_STORE}/[^/]+/fhir/metadata", "fhirStores.get"),
    (r"GET", rf"{_STORE}/[^/]+/fhir/(Group/[^/]+/)?\$export", "fhirStores.export"),
    (r"POST", rf"{_STORE}/[^/]+/fhir/?", _BUNDLE),
    (r"POST", rf"{_STORE}/[^/]+/fhir/(.+/)?_search", "fhirStores.searchResources"),
    (r"POST", rf"{_STORE}/[^/]+/fhir/[^/]+/\$validate", "fhirStores.get"),
    (r"DELETE", rf"{_STORE}/[^/]+/fhir/[^/]+/[^/]+/\$purge", "fhirResources.purge"),
    (r"GET", rf"{_STORE}/[^/]+/fhir/?", "fhirStores.searchResources"),
    (r"GET", rf"{_STORE}/[^/]+/fhir/[^/]+", "fhirStores.searchResources"),
    (r"GET", rf"{_STORE}/[^/]+/fhir/.*", "fhirResources.get"),
    (r"POST", rf"{_STORE}/[^/]+/fhir/[^/]+", "fhirResources.create"),
    (r"PUT", rf"{_STORE}/[^/]+/fhir/[^/]+", "fhirStores.searchResources fhirResources.update"),
    (r"PATCH", rf"{_STORE}/[^/]+/fhir/[^/]+", "fhirStores.searchResources fhirResources.patch"),
    (r"DELETE", rf"{_STORE}/[^/]+/fhir/[^/]+", "fhirStores.searchResources fhirResources.delete"),
    (r"PUT", rf"{_STORE}/[^/]+/fhir/.*", "fhirResources.update"),
    (r"PATCH", rf"{_STORE}/[^/]+/fhir/.*", "fhirResources.patch"),
    (r"DELETE", rf"{_STORE}/[^/]+/fhir/.*", "fhirResources.delete"),
)  # fmt: skip
_COMPILED = [(re.compile(method), re.compile(f"(/locations/[^/]+)?{path}"), needed) for method, path, needed in _ROWS]
_PROJECT = re.compile(r"/v1(?:beta1)?/projects/[^/:]+(?P<below>[/:].*)")
_OF_PROJECT = {"getIamPolicy", "setIamPolicy"}


def needed(method: str, path: str) -> list[str] | None:
    """Return the permissions that a request needs; None for one that is not of the Cloud Healthcare API."""
    found = _PROJECT.fullmatch(path)
    if found is None:
        return None
    if found["below"].removeprefix(":") in _OF_PROJECT:
        return [f"resourcemanager.projects.{found['below'][1:]}"]
    if not found["below"].startswith("/locations"):
        return None
    for verb, below, permissions in _COMPILED:
        if verb.fullmatch(method) and (fits := below.fullmatch(found["below"])):
            names = {name: value or "" for name, value in fits.groupdict().items()}
            return [f"healthcare.{each.format(**names)}" for each in permissions.split()]
    return ["healthcare.unknown"]
