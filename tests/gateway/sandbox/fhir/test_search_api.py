"""Searches over HTTP."""

from aiohttp import ClientSession

from tests.gateway.sandbox.fhir.fhir_client import Fhir, patient


async def test_post(fhir: Fhir, client: ClientSession) -> None:
    """A search by POST has its parameters in the address; a form is refused, as Google's API does not read it."""
    await fhir.put(patient("p", active=True))
    status, bundle = await fhir.send("POST", "Patient/_search?active=true", {})
    assert (status, bundle["total"]) == (200, 1)
    async with client.post(f"{fhir.url}/Patient/_search", data={"active": "true"}) as response:
        assert response.status == 400


async def test_subset(fhir: Fhir) -> None:
    """``_elements`` and ``_summary`` mark what they cut."""
    await fhir.put(patient("p", active=True, gender="male"))
    for query in ("_elements=gender", "_summary=data"):
        _, bundle = await fhir.read(f"Patient?{query}")
        resource = bundle["entry"][0]["resource"]
        assert (resource["gender"], resource["meta"]["tag"][0]["code"]) == ("male", "SUBSETTED")
    _, bundle = await fhir.read("Patient?_elements=gender")
    assert "active" not in bundle["entry"][0]["resource"]


async def test_links(fhir: Fhir) -> None:
    """The link to the next page repeats the search."""
    for name in ("p", "q"):
        await fhir.put(patient(name, active=True))
    _, bundle = await fhir.read("Patient?active=true&_count=1")
    links = {each["relation"]: each["url"] for each in bundle["link"]}
    assert links["self"] == f"{fhir.url}/Patient?active=true&_count=1"
    assert links["next"].startswith(f"{fhir.url}/Patient?active=true&_count=1&_page_token=")
