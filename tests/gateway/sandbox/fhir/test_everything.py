"""The record of a patient."""

from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry
from tests.gateway.sandbox.fhir.search.data import RECORD

RECORDS = {
    "": "a clinic doc b e o1 o2 o5 r risk",
    "?_type=Observation": "o1 o2 o5",
    "?start=2024-02-02&end=2024-02-02&_type=Observation,Encounter": "e o2",
    "?_since=2999-01-01T00:00:00Z": "",
    "?_count=2": "a clinic doc b e o1 o2 o5 r risk",
}


async def test_everything(fhir: Fhir) -> None:
    """It has the patient first, what it refers to and its compartment, chosen by type, date and change, in pages."""
    await fhir.transaction(*[entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD])
    for query, ids in RECORDS.items():
        found = []
        address = f"Patient/a/$everything{query}"
        while address:
            status, bundle = await fhir.read(address)
            assert status == 200, bundle
            found += [each["resource"]["id"] for each in bundle["entry"]]
            links = {each["relation"]: each["url"] for each in bundle["link"]}
            address = links.get("next", "").removeprefix(f"{fhir.url}/")
        assert (found[:1], sorted(ids.split())) == (ids.split()[:1], sorted(found)), query


async def test_no_patient(fhir: Fhir) -> None:
    """A patient that is not there is a 404; other types have no such operation."""
    assert (await fhir.read("Patient/none/$everything"))[0] == 404
    assert (await fhir.read("Encounter/none/$everything"))[0] == 501
