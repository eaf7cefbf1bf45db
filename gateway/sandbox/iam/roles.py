"""The predefined roles of the Cloud Healthcare API and their permissions.

Source: https://cloud.google.com/healthcare-api/docs/access-control ("Roles"). The basic roles ``roles/owner``,
``editor`` and ``viewer`` are larger in Google Cloud; here they are all permissions, all but ``setIamPolicy``, and
those that read.
"""

from collections.abc import Iterable, Mapping

_COMMON = "datasets.get datasets.list locations.get locations.list operations.get"
_TABLE = {
    "datasetViewer": "",
    "datasetAdmin": "datasets.* operations.*",
    "dicomStoreViewer": "dicomStores.get dicomStores.list",
    "dicomStoreAdmin": "dicomStores.create dicomStores.deidentify dicomStores.delete dicomStores.dicomWebDelete"
    " dicomStores.get dicomStores.getIamPolicy dicomStores.list dicomStores.setIamPolicy dicomStores.update"
    " operations.cancel",
    "dicomViewer": "dicomStores.dicomWebRead dicomStores.export dicomStores.get dicomStores.list",
    "dicomEditor": "dicomStores.dicomWebDelete dicomStores.dicomWebRead dicomStores.dicomWebUpdate"
    " dicomStores.dicomWebWrite dicomStores.export dicomStores.get dicomStores.import dicomStores.list"
    " operations.cancel",
    "fhirStoreViewer": "fhirStores.get fhirStores.list",
    "fhirStoreAdmin": "fhirResources.purge fhirStores.applyConsents fhirStores.bulkDelete fhirStores.configureSearch"
    " fhirStores.create fhirStores.deidentify fhirStores.delete fhirStores.deleteFhirOperation"
    " fhirStores.explainDataAccess fhirStores.export fhirStores.get fhirStores.getFhirOperation"
    " fhirStores.getIamPolicy fhirStores.import fhirStores.list fhirStores.rollback fhirStores.setIamPolicy"
    " fhirStores.update operations.cancel",
    "fhirResourceReader": "fhirResources.get fhirResources.translateConceptMap fhirStores.executeBundle"
    " fhirStores.get fhirStores.list fhirStores.searchResources",
    "fhirResourceEditor": "fhirResources.create fhirResources.delete fhirResources.get fhirResources.patch"
    " fhirResources.translateConceptMap fhirResources.update fhirStores.executeBundle fhirStores.get fhirStores.list"
    " fhirStores.searchResources operations.cancel",
    "hl7V2StoreViewer": "hl7V2Stores.get hl7V2Stores.list",
    "hl7V2StoreAdmin": "hl7V2Stores.* operations.cancel",
    "hl7V2Ingest": "hl7V2Messages.ingest hl7V2Stores.get hl7V2Stores.list",
    "hl7V2Consumer": "hl7V2Messages.create hl7V2Messages.get hl7V2Messages.list hl7V2Messages.update hl7V2Stores.get"
    " hl7V2Stores.list",
    "hl7V2Editor": "hl7V2Messages.* hl7V2Stores.get hl7V2Stores.list operations.cancel",
}
ROLES: Mapping[str, frozenset[str]] = {
    f"roles/healthcare.{name}": frozenset(f"healthcare.{each}" for each in f"{_COMMON} {own}".split())
    for name, own in _TABLE.items()
}
READING = (".get", ".list", ".getIamPolicy", ".dicomWebRead", ".searchResources", ".getFhirOperation")


def allows(roles: Iterable[str], permission: str) -> bool:
    """Return whether one of *roles* has a permission."""
    return any(_allows(role, permission) for role in roles)


def _allows(role: str, permission: str) -> bool:
    match role:
        case "roles/owner":
            return True
        case "roles/editor":
            return not permission.endswith(".setIamPolicy")
        case "roles/viewer":
            return permission.endswith(READING)
        case _:
            have = ROLES.get(role, frozenset())
            return permission in have or f"{permission.rpartition('.')[0]}.*" in have
