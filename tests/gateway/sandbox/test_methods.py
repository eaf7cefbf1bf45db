"""Every method of the Cloud Healthcare API: each of the 109 is answered, each of the other 45 is absent by its name.

``methods.txt`` is the list of the discovery document; ``tests/peers/test_google_methods.py`` compares it.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.resources.unserved import methods
from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.hl7v2.managing.support import line, message
from tests.gateway.sandbox.operations_client import Api
from tests.gateway.sandbox.stow_client import MULTIPART, Store, multipart

TABLE = Path(__file__).with_name("methods.txt")
ROWS = [tuple(row.split("\t")) for row in TABLE.read_text().splitlines() if not row.startswith("#")]
ABSENT = {each.name for each in methods() if not each.is_beta}
GCS, OUT = {"gcsSource": {"uri": "gs://data/in"}}, {"gcsDestination": {"uriPrefix": "gs://data/out"}}
BACK = {"rollbackTime": "2020-01-01T00:00:00Z", "resultGcsBucket": "data"}
CLASS = {"blobStorageSettings": {"blobStorageClass": "ARCHIVE"}}
PATIENT = {"resourceType": "Patient", "id": "p", "active": True}
BODIES: Mapping[str, Any] = {
    "datasets.setIamPolicy": {"policy": {}},
    "datasets.dicomStores.setIamPolicy": {"policy": {}},
    "datasets.fhirStores.setIamPolicy": {"policy": {}},
    "datasets.hl7V2Stores.setIamPolicy": {"policy": {}},
    "datasets.deidentify": {"destinationDataset": "projects/p/locations/l/datasets/new", "config": {}},
    "datasets.dicomStores.deidentify": {"destinationStore": "projects/p/locations/l/datasets/d/dicomStores/other"},
    "datasets.fhirStores.deidentify": {"destinationStore": "projects/p/locations/l/datasets/d/fhirStores/other"},
    "datasets.dicomStores.import": GCS,
    "datasets.dicomStores.export": OUT,
    "datasets.dicomStores.setBlobStorageSettings": CLASS,
    "datasets.dicomStores.dicomWeb.studies.setBlobStorageSettings": CLASS,
    "datasets.hl7V2Stores.import": GCS,
    "datasets.hl7V2Stores.export": OUT,
    "datasets.hl7V2Stores.rollback": BACK,
    "datasets.hl7V2Stores.messages.create": {"message": {"data": base64.b64encode(message(2)).decode()}},
    "datasets.hl7V2Stores.messages.ingest": {"message": {"data": base64.b64encode(message(3)).decode()}},
    "datasets.hl7V2Stores.messages.patch": {"labels": {"a": "b"}},
    "datasets.fhirStores.create": {"version": "R4"},
    "datasets.fhirStores.import": GCS,
    "datasets.fhirStores.export": OUT,
    "datasets.fhirStores.rollback": BACK,
    "datasets.fhirStores.fhir.Resource-validate": PATIENT,
    "datasets.fhirStores.fhir.conditionalPatch": [{"op": "replace", "path": "/active", "value": False}],
    "datasets.fhirStores.fhir.conditionalUpdate": PATIENT,
    "datasets.fhirStores.fhir.create": PATIENT,
    "datasets.fhirStores.fhir.executeBundle": {"resourceType": "Bundle", "type": "batch"},
    "datasets.fhirStores.fhir.patch": [{"op": "replace", "path": "/active", "value": False}],
    "datasets.fhirStores.fhir.update": PATIENT,
}
QUERIES = {
    "datasets.create": "datasetId=created",
    "datasets.patch": "updateMask=timeZone",
    "datasets.dicomStores.create": "dicomStoreId=created",
    "datasets.dicomStores.patch": "updateMask=labels",
    "datasets.fhirStores.create": "fhirStoreId=created",
    "datasets.fhirStores.patch": "updateMask=labels",
    "datasets.hl7V2Stores.create": "hl7V2StoreId=created",
    "datasets.hl7V2Stores.patch": "updateMask=labels",
    "datasets.hl7V2Stores.messages.patch": "updateMask=labels",
    "datasets.fhirStores.bulk-export-group": "organizeOutputBy=Patient",
    "datasets.fhirStores.fhir.conditionalDelete": "identifier=urn:a|b",
    "datasets.fhirStores.fhir.conditionalPatch": "identifier=urn:a|1",
    "datasets.fhirStores.fhir.conditionalUpdate": "identifier=urn:a|1",
}


class Filled:
    """A sandbox with something of everything; the methods find it by the names of their paths."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.names = {"projectsId": "p", "locationsId": "l", "datasetsId": "d", "framesId": "1", "GroupId": "g"}

    async def fill(self, store: Store, file: bytes) -> None:
        """Store an instance, a message and resources, and do an operation."""
        dataset = "projects/p/locations/l/datasets/d"
        await self.api.ask("POST", "projects/p/locations/l/datasets?datasetId=d")
        bulk = {"version": "R4", "enableUpdateCreate": True, "bulkExportGcsDestination": OUT["gcsDestination"]}
        for kind in ("dicomStores?dicomStoreId=other", "fhirStores?fhirStoreId=f", "fhirStores?fhirStoreId=other"):
            await self.api.ask("POST", f"{dataset}/{kind}", bulk if kind.startswith("fhir") else {})
        await store(file)
        body = {"message": {"data": base64.b64encode(message(1)).decode()}}
        _, made = await self.api.ask("POST", f"{dataset}/hl7V2Stores/s/messages:ingest", body)
        fhir = f"{dataset}/fhirStores/f/fhir"
        members = [{"entity": {"reference": "Patient/p"}}]
        for resource in (
            {**PATIENT, "identifier": [{"system": "urn:a", "value": "1"}]},
            {"resourceType": "Patient", "id": "lone", "active": True},
            {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "QQ=="},
            {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "member": members},
        ):
            _, held = await self.api.ask("PUT", f"{fhir}/{resource['resourceType']}/{resource['id']}", resource)
            if resource["resourceType"] == "Binary":
                version = held["meta"]["versionId"]
        _, patient = await self.api.ask("GET", f"{fhir}/Patient/p")
        self.api.put("in", line(message(4)))
        _, operation = await self.api.ask("POST", f"{dataset}/hl7V2Stores/s:import", GCS)
        self.names |= {
            "messagesId": made["message"]["name"].rpartition("/")[2],
            "operationsId": operation["name"].rpartition("/")[2],
            "studiesId": "1.2",
            "seriesId": "1.3",
            "instancesId": sop_instance_uid(file),
            "dicomStoresId": "d",
            "hl7V2StoresId": "s",
            "fhirStoresId": "f",
            "BinaryId": "b",
            "PatientId": "p",
            "bulkdataId": "dataset",
            "bulkdataId1": "7FE00010",
            "resourceType": "Patient",
            "binaryVersion": version,
            "patientVersion": patient["meta"]["versionId"],
        }

    def path(self, path: str, name: str) -> str:
        """Return the path of a method with names of what is there."""
        # The group refers to the patient p, so another one is deleted.
        names = {**self.names, "fhirId": "Patient", "fhirId1": "lone" if name.endswith("fhir.delete") else "p"}
        names["_historyId"] = names["binaryVersion" if "Binary" in name else "patientVersion"]
        if "operations.get-fhir" in name or "operations.delete-fhir" in name:
            names["operationsId"] = self.names["fhirOperation"]
        return re.sub(r"\{(\w+)\}", lambda found: names[found[1]], path)


@pytest.fixture
async def filled(api: Api, store: Store, tmp_path: Path) -> Filled:
    """Return the filled sandbox."""
    made = Filled(api)
    await made.fill(store, make_instance(tmp_path, 1, "1.2", "1.3").read_bytes())
    async with api.client.get(f"{api.sandbox.fhir_url()}/$export") as response:
        made.names["fhirOperation"] = response.headers["Content-Location"].rpartition("/")[2]
    return made


def last(name: str) -> tuple[int, int]:
    """Sort what deletes to the end, and the larger things after the smaller ones."""
    verb = name.rpartition(".")[2].lower()
    is_last = verb == "delete" or "purge" in verb or verb in {"conditionaldelete", "delete-fhir-operation"}
    return (1 if is_last or verb in {"bulkdelete", "rollback"} else 0, -name.count(".") if is_last else 0)


def test_list() -> None:
    """There are 154 methods, of which 45 are not in the sandbox."""
    assert len(ROWS) == 154
    assert len(ABSENT) == 45
    assert {row[2] for row in ROWS} > ABSENT


async def test_each(filled: Filled, store: Store, tmp_path: Path) -> None:
    """Each method of the list is answered with success; the absent ones answer 501."""
    wrong = []
    file = make_instance(tmp_path, 2, "1.2", "1.3").read_bytes()
    for verb, path, name in sorted(ROWS, key=lambda row: last(row[2])):
        if name.endswith(("series.delete", "studies.delete")):
            await store(file)  # what was deleted with the smaller one
        if name in ABSENT:
            url, body, headers, expected = re.sub(r"\{\w+\}", "x", path), None, {}, {501}
        else:
            url = f"{filled.path(path, name)}?{QUERIES.get(name, '')}".rstrip("?")
            expected = {200, 201, 202, 204}
            body, headers = BODIES.get(name), {"Content-Type": "application/json"}
            if name.endswith("storeInstances"):
                body, headers = multipart(file), MULTIPART
            if name.endswith(("Binary-create", "Binary-update")):
                body, headers = b"text", {"Content-Type": "text/plain"}
        data = body if isinstance(body, bytes) or body is None else None
        json = None if data is not None else body
        async with filled.api.client.request(
            verb, f"{filled.api.sandbox.url}/{url}", data=data, json=json, headers=headers if data else {}
        ) as response:
            octets = await response.read()
            if response.status not in expected:
                wrong.append((name, response.status, octets[:200]))
    assert wrong == []
