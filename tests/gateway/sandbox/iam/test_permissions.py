"""Which permissions a request needs."""

from pathlib import Path

import pytest

from gateway.sandbox.iam.permissions import needed
from gateway.sandbox.resources.unserved import methods

D = "/v1/projects/p/locations/l/datasets/d"
METHODS = Path(__file__).parent.parent / "methods.txt"
ROWS = [
    ("GET", "/v1/projects/p/locations", "locations.list"),
    ("POST", "/v1/projects/p/locations/l/datasets", "datasets.create"),
    ("DELETE", D, "datasets.delete"),
    ("POST", f"{D}:deidentify", "datasets.deidentify"),
    ("POST", f"{D}:testIamPermissions", ""),
    ("GET", f"{D}/operations/5/logs", "operations.get"),
    ("POST", f"{D}/operations/5:cancel", "operations.cancel"),
    ("PATCH", f"{D}/hl7V2Stores/s", "hl7V2Stores.update"),
    ("POST", f"{D}/dicomStores/s:import", "dicomStores.import"),
    ("GET", f"{D}/dicomStores/s:getDICOMStoreMetrics", "dicomStores.get"),
    ("GET", f"{D}/fhirStores/s:getIamPolicy", "fhirStores.getIamPolicy"),
    ("GET", f"{D}/dicomStores/s/dicomWeb/studies/1/series/2/instances/3/rendered", "dicomStores.dicomWebRead"),
    ("POST", f"{D}/dicomStores/s/dicomWeb/studies/1", "dicomStores.dicomWebWrite"),
    ("DELETE", f"{D}/dicomStores/s/dicomWeb/studies/1", "dicomStores.dicomWebDelete"),
    ("POST", f"{D}/hl7V2Stores/s/messages:ingest", "hl7V2Messages.ingest"),
    ("PATCH", f"{D}/hl7V2Stores/s/messages/m", "hl7V2Messages.update"),
    ("GET", f"{D}/fhirStores/s/fhir/Patient", "fhirStores.searchResources"),
    ("POST", f"{D}/fhirStores/s/fhir/Patient/_search", "fhirStores.searchResources"),
    ("GET", f"{D}/fhirStores/s/fhir/Patient/p/_history", "fhirResources.get"),
    ("PUT", f"{D}/fhirStores/s/fhir/Patient/p", "fhirResources.update"),
    ("PATCH", f"{D}/fhirStores/s/fhir/Patient", "fhirStores.searchResources fhirResources.patch"),
    ("DELETE", f"{D}/fhirStores/s/fhir/Patient/p/$purge", "fhirResources.purge"),
    ("GET", f"{D}/fhirStores/s/fhir/$export", "fhirStores.export"),
    ("POST", f"{D}/fhirStores/s:export", "fhirStores.export"),
    ("POST", f"{D}/unheard/of", "unknown"),
]


@pytest.mark.parametrize(("method", "path", "permissions"), ROWS)
def test_needed(method: str, path: str, permissions: str) -> None:
    """A request needs the permissions of Google's page, in both versions; what is not known needs an unknown one."""
    expected = [f"healthcare.{each}" for each in permissions.split()]
    assert needed(method, path) == expected
    assert needed(method, path.replace("/v1/", "/v1beta1/", 1)) == expected


def test_other_services() -> None:
    """Pub/Sub and the front page are not checked; the policy of a project is."""
    for path in ("/", "/v1/projects/p/topics/t", "/v1/projects/p:testIamPermissions"):
        assert needed("POST", path) is None
    assert needed("POST", "/v1/projects/p:setIamPolicy") == ["resourcemanager.projects.setIamPolicy"]


def test_each_method_is_known() -> None:
    """No method that the sandbox has needs an unknown permission."""
    absent = {each.name for each in methods()}
    lines = [line.split("\t") for line in METHODS.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == 154
    for verb, path, name in lines:
        if name not in absent:
            plain = path.replace("{", "").replace("}", "")
            assert needed(verb, f"/{plain}") != ["healthcare.unknown"], name
