"""Google's own client, pointed at the sandbox's FHIR stores."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from gateway.sandbox.server import Sandbox

DATASET = "projects/p/locations/l/datasets/d"
STORE = f"{DATASET}/fhirStores/f"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]}
OPTIONS = {"version": "R4", "enableUpdateCreate": True}


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Any]:
    """Yield the client's resource of FHIR stores; one store exists."""
    async with Sandbox(tmp_path) as sandbox:
        service = build(
            "healthcare",
            "v1",
            http=httplib2.Http(),
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": sandbox.url},
        )
        datasets = service.projects().locations().datasets()
        found = datasets.fhirStores()
        found.all_operations = datasets.operations()
        await execute(found.create(parent=DATASET, fhirStoreId="f", body=OPTIONS))
        yield found
        service.close()


@pytest.fixture
def fhir(stores: Any) -> Any:
    """Return the client's resource of FHIR resources."""
    return stores.fhir()


async def execute(request: Any, kind: str = "application/fhir+json", **headers: str) -> Any:
    """Do what the synchronous client does, beside the loop that the sandbox runs in, with the content type of FHIR."""
    request.headers["content-type"] = kind
    request.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return await asyncio.to_thread(request.execute)


async def created(fhir: Any, resource: dict[str, Any]) -> Any:
    """Create a resource."""
    return await execute(fhir.create(parent=STORE, type=resource["resourceType"], body=resource))


async def test_stores(stores: Any) -> None:
    """A store is created, shown, listed, changed and deleted."""
    assert await execute(stores.get(name=STORE)) == {"name": STORE, **OPTIONS}
    assert await execute(stores.list(parent=DATASET)) == {"fhirStores": [{"name": STORE, **OPTIONS}]}
    change = stores.patch(
        name=STORE, updateMask="defaultSearchHandlingStrict", body={"defaultSearchHandlingStrict": True}
    )
    assert (await execute(change))["defaultSearchHandlingStrict"] is True
    with pytest.raises(HttpError) as raised:
        await execute(stores.create(parent=DATASET, fhirStoreId="f", body=OPTIONS))
    assert raised.value.status_code == 409
    assert await execute(stores.delete(name=STORE)) == {}
    with pytest.raises(HttpError) as raised:
        await execute(stores.get(name=STORE))
    assert raised.value.status_code == 404


async def test_resource(fhir: Any) -> None:
    """A resource is created, read, updated, patched, listed by version, and deleted."""
    made = await created(fhir, PATIENT)
    name = f"{STORE}/fhir/Patient/{made['id']}"
    assert made == await execute(fhir.read(name=name))
    assert (await execute(fhir.update(name=name, body={**made, "active": True})))["active"] is True
    patch = fhir.patch(name=name, body=[{"op": "replace", "path": "/active", "value": False}])
    assert (await execute(patch, "application/json-patch+json"))["active"] is False
    history = await execute(fhir.history(name=name))
    assert [each["request"]["method"] for each in history["entry"]] == ["PATCH", "PUT", "POST"]
    assert made == await execute(fhir.vread(name=f"{name}/_history/{made['meta']['versionId']}"))
    await execute(fhir.delete(name=name))
    with pytest.raises(HttpError) as raised:
        await execute(fhir.read(name=name))
    assert raised.value.status_code == 410
    assert await execute(fhir.Resource_purge(name=name)) == {}


async def test_conditional(fhir: Any) -> None:
    """Conditions are in the query, which callers append to the client's address, or in ``If-None-Exist``."""

    def where(request: Any) -> Any:
        request.uri += "&identifier=urn:oid:1.2.3%7C7"
        return request

    made = await execute(where(fhir.conditionalUpdate(parent=STORE, type="Patient", body=PATIENT)))
    again = fhir.create(parent=STORE, type="Patient", body=PATIENT)
    assert made == await execute(again, If_None_Exist="identifier=urn:oid:1.2.3|7")
    patch = [{"op": "add", "path": "/active", "value": True}]
    request = where(fhir.conditionalPatch(parent=STORE, type="Patient", body=patch))
    assert (await execute(request, "application/json-patch+json"))["id"] == made["id"]
    await execute(where(fhir.conditionalDelete(parent=STORE, type="Patient")))
    with pytest.raises(HttpError):
        await execute(fhir.read(name=f"{STORE}/fhir/Patient/{made['id']}"))


async def test_search(fhir: Any) -> None:
    """Both forms of POST search take the parameters in the address."""
    made = await created(fhir, PATIENT)
    for request in (
        fhir.search(parent=STORE, body={}),
        fhir.search_type(parent=STORE, resourceType="Patient", body={}),
    ):
        request.uri += "&" + urlencode({"identifier": "urn:oid:1.2.3|7", "_type": "Patient"})
        assert [made] == [each["resource"] for each in (await execute(request))["entry"]]


async def test_bundle(fhir: Any) -> None:
    """A transaction is executed; one that fails is an error with an OperationOutcome."""
    entry = {"request": {"method": "POST", "url": "Patient"}, "resource": PATIENT}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    reply = await execute(fhir.executeBundle(parent=STORE, body=bundle))
    assert reply["entry"][0]["response"]["status"] == "201 Created"
    bundle["entry"] = [entry, {**entry, "resource": {"resourceType": "Spam"}}]
    with pytest.raises(HttpError) as raised:
        await execute(fhir.executeBundle(parent=STORE, body=bundle))
    outcome = json.loads(raised.value.content)
    assert outcome["issue"][0]["diagnostics"].startswith('error at "entry[1]"')


async def test_operations(fhir: Any) -> None:
    """The capability statement, ``$validate`` and ``$everything``."""
    assert (await execute(fhir.capabilities(name=STORE)))["fhirVersion"] == "4.0.1"
    outcome = await execute(fhir.Resource_validate(parent=STORE, type="Patient", body=PATIENT))
    assert outcome["issue"][0]["severity"] == "information"
    made = await created(fhir, PATIENT)
    record = await execute(fhir.Patient_everything(name=f"{STORE}/fhir/Patient/{made['id']}", x_count=10))
    assert [made] == [each["resource"] for each in record["entry"]]


async def test_not_served(stores: Any, fhir: Any) -> None:
    """What the sandbox does not have is a 501."""
    for request in (
        stores.applyConsents(name=STORE, body={}),
        stores.explainDataAccess(name=STORE),
        fhir.Consent_enforcement_status(name=f"{STORE}/fhir/Consent/1"),
    ):
        with pytest.raises(HttpError) as raised:
            await execute(request)
        assert raised.value.status_code == 501


async def finished(stores: Any, request: Any) -> Any:
    """Begin an operation, poll it as Google's samples do, and return it when it is done."""
    operation = await execute(request)
    assert "done" not in operation
    async with asyncio.timeout(60):
        while not operation.get("done"):
            await asyncio.sleep(0.05)  # poll
            operation = await execute(stores.all_operations.get(name=operation["name"]))
    return operation


async def test_policy(stores: Any) -> None:
    """A policy is set with the etag that was read."""
    policy = await execute(stores.getIamPolicy(resource=STORE))
    policy["bindings"] = [{"role": "roles/healthcare.fhirResourceReader", "members": ["user:a@hospital.example"]}]
    made = await execute(stores.setIamPolicy(resource=STORE, body={"policy": policy}))
    assert await execute(stores.getIamPolicy(resource=STORE)) == made
    with pytest.raises(HttpError) as raised:
        await execute(stores.setIamPolicy(resource=STORE, body={"policy": policy}))
    assert raised.value.status_code == 409


async def test_whole_store(stores: Any, tmp_path: Path) -> None:
    """Import, export, bulk delete and rollback are operations, which the client polls; metrics count."""
    fhir, operations = stores.fhir(), stores.operations()
    made = await created(fhir, PATIENT)
    moment = made["meta"]["lastUpdated"]
    begun = await finished(stores, stores.export(name=STORE, body={"gcsDestination": {"uriPrefix": "gs://data/out"}}))
    assert (tmp_path / "buckets/data/out/Patient.ndjson").exists()
    await finished(stores, stores.bulkDelete(name=STORE, body={"type": "Patient"}))
    undo = {"rollbackTime": moment, "resultGcsBucket": "data", "force": True}
    await finished(stores, stores.rollback(name=STORE, body=undo))
    assert (await execute(fhir.read(name=f"{STORE}/fhir/Patient/{made['id']}")))["id"] == made["id"]
    source = {"contentStructure": "RESOURCE", "gcsSource": {"uri": "gs://data/out/*"}}
    await finished(stores, stores.import_(name=STORE, body=source))
    metrics = await execute(stores.getFHIRStoreMetrics(name=STORE))
    assert [(each["resourceType"], each["count"]) for each in metrics["metrics"]] == [("Patient", "1")]
    manifest = operations.get_fhir_operation_status(name=f"{STORE}/operations/{begun['name'].rpartition('/')[2]}")
    assert (await execute(manifest))["output"][0]["type"] == "Patient"
