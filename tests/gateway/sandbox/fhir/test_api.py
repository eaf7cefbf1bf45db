"""The interactions of a FHIR store over HTTP."""

from typing import Any

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, diagnostics, patient

MRN = {"system": "urn:oid:1.2.3", "value": "7"}


async def test_create_and_read(fhir: Fhir) -> None:
    """A created resource gets an ID, a version and a time, and is read as it was answered."""
    status, created = await fhir.send("POST", "Patient", patient(active=True))
    assert status == 201
    assert created["meta"].keys() == {"versionId", "lastUpdated"}
    assert (200, created) == await fhir.read(f"Patient/{created['id']}")


async def test_headers(fhir: Fhir, client: ClientSession) -> None:
    """A create names version and place of the resource; a read with the ETag is a 304."""
    async with client.post(f"{fhir.url}/Patient", json=patient(), headers={"Prefer": "return=minimal"}) as response:
        assert (response.status, await response.read()) == (201, b"")
        etag, location = response.headers["ETag"], response.headers["Location"]
        assert location.startswith(f"{fhir.url}/Patient/")
        assert location.endswith(f"/_history/{etag[3:-1]}")
    address = location.partition("/_history")[0]
    async with client.get(address, headers={"If-None-Match": etag}) as response:
        assert response.status == 304


async def test_decimals(fhir: Fhir, client: ClientSession) -> None:
    """A decimal keeps its digits."""
    body = (
        b'{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":4.10}}'
    )
    headers = {"Content-Type": "application/fhir+json"}
    async with client.put(f"{fhir.url}/Observation/o", data=body, headers=headers) as response:
        assert b'"value":4.10}' in await response.read()
    async with client.get(f"{fhir.url}/Observation/o") as response:
        assert b'"value":4.10}' in await response.read()


async def test_update(fhir: Fhir) -> None:
    """A PUT creates with the client's ID, then replaces; ``If-Match`` of another version is a 412."""
    status, first = await fhir.put(patient("p", active=True))
    assert status == 201
    status, second = await fhir.put(patient("p"), If_Match=f'W/"{first["meta"]["versionId"]}"')
    assert (status, "active" in second) == (200, False)
    status, _ = await fhir.put(patient("p"), If_Match=f'W/"{first["meta"]["versionId"]}"')
    assert status == 412


async def test_update_needs_its_id(fhir: Fhir) -> None:
    """The ID of the body is that of the address."""
    assert (await fhir.send("PUT", "Patient/p", patient("q")))[0] == 400
    assert (await fhir.send("PUT", "Patient/p", patient()))[0] == 400


async def test_delete(fhir: Fhir) -> None:
    """A deleted resource is gone, its versions stay until they are purged; deleting again is a success."""
    _, first = await fhir.put(patient("p"))
    assert (await fhir.send("DELETE", "Patient/p"))[0] == 200
    assert (await fhir.read("Patient/p"))[0] == 410
    assert (await fhir.send("DELETE", "Patient/p"))[0] == 200
    version = f"Patient/p/_history/{first['meta']['versionId']}"
    assert (200, first) == await fhir.read(version)
    assert (await fhir.send("DELETE", "Patient/p/$purge"))[0] == 200
    assert (await fhir.read(version))[0] == 404
    assert (await fhir.read("Patient/p"))[0] == 404


async def test_history(fhir: Fhir) -> None:
    """The history has every version with what made it, the latest first, in pages."""
    await fhir.put(patient("p"))
    await fhir.send("PATCH", "Patient/p", [{"op": "add", "path": "/active", "value": True}])
    await fhir.send("DELETE", "Patient/p")
    _, bundle = await fhir.read("Patient/p/_history")
    assert [each["request"]["method"] for each in bundle["entry"]] == ["DELETE", "PATCH", "PUT"]
    assert "resource" not in bundle["entry"][0]
    _, page = await fhir.read("Patient/p/_history?_count=2")
    following = page["link"][1]["url"].removeprefix(f"{fhir.url}/")
    _, rest = await fhir.read(following)
    assert [each["request"]["method"] for each in rest["entry"]] == ["PUT"]


async def test_conditional_create(fhir: Fhir) -> None:
    """``If-None-Exist`` creates once; several matches are a 412."""
    query = "identifier=urn:oid:1.2.3|7"
    status, first = await fhir.send("POST", "Patient", patient(identifier=[MRN]), If_None_Exist=query)
    assert status == 201
    assert (200, first) == await fhir.send("POST", "Patient", patient(identifier=[MRN]), If_None_Exist=query)
    await fhir.send("POST", "Patient", patient(identifier=[MRN]))
    assert (await fhir.send("POST", "Patient", patient(identifier=[MRN]), If_None_Exist=query))[0] == 412


async def test_conditional_update_patch_delete(fhir: Fhir) -> None:
    """The condition chooses the resource; a patch without a match is a 404."""
    where = "Patient?identifier=urn:oid:1.2.3|7"
    patch = [{"op": "replace", "path": "/active", "value": False}]
    assert (await fhir.send("PATCH", where, patch))[0] == 404
    status, first = await fhir.send("PUT", where, patient(identifier=[MRN], active=True))
    assert status == 201
    status, second = await fhir.send("PUT", where, patient(identifier=[MRN], active=True))
    assert (status, second["id"]) == (200, first["id"])
    status, third = await fhir.send("PATCH", where, patch)
    assert (status, third["active"]) == (200, False)
    assert (await fhir.send("DELETE", where))[0] == 200
    assert (await fhir.read(f"Patient/{first['id']}"))[0] == 410


async def test_conditions_are_identifiers_only(fhir: Fhir) -> None:
    """Google's API takes no other condition."""
    assert (await fhir.send("PUT", "Patient?name=x", patient()))[0] == 501
    assert (await fhir.send("DELETE", "Patient?identifier=a&active=true"))[0] == 501


async def test_integrity(fhir: Fhir) -> None:
    """A reference to nothing is refused, and so is the deletion of what is referred to."""
    encounter: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "planned",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p"},
    }
    status, error = await fhir.put(encounter)
    assert (status, diagnostics(error)) == (400, "Encounter: a reference to Patient is broken")
    assert (await fhir.read("Encounter/e"))[0] == 404
    await fhir.put(patient("p"))
    assert (await fhir.put(encounter))[0] == 201
    assert (await fhir.send("DELETE", "Patient/p"))[0] == 409
    assert (await fhir.read("Patient/p"))[0] == 200


async def test_errors_have_no_values(fhir: Fhir, client: ClientSession) -> None:
    """What is not JSON, not FHIR or of another type is a 400 with a path and without payload."""
    headers = {"Content-Type": "application/fhir+json"}
    for body in (b'{"resourceType": "DOE^JANE', b"[]", b'{"resourceType":"Patient","name":[{"family":""}]}'):
        async with client.post(f"{fhir.url}/Patient", data=body, headers=headers) as response:
            assert response.status == 400
            assert "DOE" not in await response.text()
    status, error = await fhir.send("POST", "Patient", patient(name=[{"family": ""}]))
    assert (status, diagnostics(error)) == (400, 'error at "Patient.name[0].family": empty value')
    assert error["issue"][0]["details"]["text"] == "unparseable_resource"


async def test_validate(fhir: Fhir) -> None:
    """``$validate`` answers with an outcome, and stores nothing."""
    status, good = await fhir.send("POST", "Patient/$validate", patient("p"))
    assert (status, good["issue"][0]["severity"]) == (200, "information")
    status, bad = await fhir.send("POST", "Patient/$validate", patient("p", name=[]))
    assert (status, bad["issue"][0]["severity"]) == (200, "error")
    assert (await fhir.read("Patient/p"))[0] == 404


async def test_unknown_type(fhir: Fhir) -> None:
    """A type that R4 does not have is a 404."""
    assert (await fhir.read("Patent/1"))[0] == 404


async def test_capabilities(fhir: Fhir) -> None:
    """The statement names every search parameter of R4 for its type."""
    _, statement = await fhir.read("metadata")
    types = statement["rest"][0]["resource"]
    assert len(types) == 147
    assert sum(len(each["searchParam"]) for each in types) == 2581


async def test_quota(sandbox: Sandbox, fhir: Fhir) -> None:
    """Above the quota a request is a 429."""
    sandbox.fhir_options.requests_per_minute = 2
    statuses = [(await fhir.read("Patient?_count=1"))[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
