"""Searches over a small record: what R4's search page says of each kind of parameter."""

import pytest

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, patient

# The IDs are in alphabetical order, but where the query sorts.
SEARCHES: dict[str, str] = {
    "Patient": "a b c",
    "Patient?_id=a,c": "a c",
    "Patient?identifier=urn:oid:1.2.3|1": "a",
    "Patient?identifier=2": "b",
    "Patient?identifier=|3": "c",
    "Patient?identifier=urn:oid:1.2.3|": "a b",
    "Patient?identifier=urn:x|1\\|2\\,3": "a",
    "Patient?active=true": "a",
    "Patient?active:not=true": "b c",
    "Patient?active:missing=true": "c",
    "Patient?active:missing=false": "a b",
    "Patient?gender=female,male": "a b",
    "Patient?gender=http://hl7.org/fhir/administrative-gender|male": "b",
    "Patient?gender=male&active=true": "",
    "Patient?family=mull": "a b",
    "Patient?family=MUELLER": "",
    "Patient?family:exact=Mull": "b",
    "Patient?name:contains=ARI": "a",
    "Patient?name=anna": "a",
    "Patient?address-city=lub": "a",
    "Patient?address=23552": "a",
    "Patient?phone=0123": "a",
    "Patient?email=anna@example.org": "",
    "Patient?deceased=true": "c",
    "Patient?birthdate=1980": "a b",
    "Patient?birthdate=1980-05": "a",
    "Patient?birthdate=gt1980-06": "b",
    "Patient?birthdate=lt1980-05-17": "b",
    "Patient?birthdate=ge1980-05-17": "a b",
    "Patient?birthdate=sa1979&birthdate=eb1981": "a b",
    "Patient?birthdate=ne1980": "",
    "Patient?death-date=2024": "c",
    "Patient?organization=Organization/clinic": "a",
    "Patient?organization=clinic": "a",
    "Patient?organization:Organization=clinic": "a",
    "Patient?organization.name=sankt": "a",
    "Patient?general-practitioner:Practitioner.family=weiss": "a",
    "Patient?link=a": "b",
    "Patient?link.organization.identifier=org": "b",
    "Patient?_has:Observation:patient:code=8867-4": "b",
    "Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final": "a",
    "Observation?code=http://loinc.org|8480-6": "o1 o2 o3",
    "Observation?code:text=systolic": "o1 o2 o3 o4",
    "Observation?code:in=http://example.org/vs": "o4",
    "Observation?code:not-in=http://example.org/vs": "o1 o2 o3 o5 o6",
    "Observation?subject=Patient/a": "o1 o2 o5",
    "Observation?patient=b": "o3 o4",
    "Observation?subject:identifier=urn:oid:1.2.3|9": "o6",
    "Observation?subject:Patient.gender=male": "o3 o4",
    "Observation?patient.identifier=urn:oid:1.2.3|1&code=8480-6": "o1 o2",
    "Observation?value-quantity=gt140": "o2 o3",
    "Observation?value-quantity=120": "o1",
    "Observation?value-quantity=100": "o4",
    "Observation?value-quantity=180.5|http://unitsofmeasure.org|mm[Hg]": "o3",
    "Observation?value-quantity=180.5||mm[Hg]": "o3",
    "Observation?value-quantity=180.5||kPa": "",
    "Observation?value-quantity=ap130": "o1 o2",
    "Observation?value-string=o rh": "o6",
    "Observation?date=2024-02-01": "o1",
    "Observation?date=2024-02": "o1 o2 o3",
    "Observation?date=ge2024-02-02&date=lt2024-03": "o2 o3",
    "Observation?date=gt2025-06": "o5",
    "Observation?code-value-quantity=8480-6$gt140": "o2 o3",
    "Observation?component-code-value-quantity=8480-6$gt140": "o5",
    "Observation?component-code-value-quantity=8462-4$gt140": "",
    "Observation?combo-code-value-quantity=8480-6$150,8480-6$120": "o1 o5",
    "Observation?status:not=final": "o5",
    "Observation?_lastUpdated=gt2020": "o1 o2 o3 o4 o5 o6",
    "Encounter?class=IMP": "e",
    "Encounter?date=2024-02-01T07:00:00Z": "",
    "Encounter?date=ge2024": "e",
    "RiskAssessment?probability=gt0.7": "risk",
    "RiskAssessment?probability=0.80": "risk",
    "ValueSet?url=http://example.org/vs": "vs",
    "ValueSet?url:below=http://example.org": "vs",
    "ValueSet?url:above=http://example.org/vs/1": "vs",
    "?_type=Encounter,RiskAssessment": "e risk",
    "Patient?_id=b&_include=Patient:link": "+a b",
    "Patient?_id=b&_include=Patient:link&_include:iterate=Patient:organization": "+a +clinic b",
    "Patient?_id=b&_include=Patient:link:RelatedPerson": "b",
    "Patient?_id=a&_include=*": "+clinic +doc a",
    "Patient?_id=a&_revinclude=Encounter:patient": "+e a",
    "Encounter?_revinclude=DiagnosticReport:encounter&_include:iterate=DiagnosticReport:result": "+o1 +o2 +r e",
    "Patient?nonsense=1": "a b c",
    "Observation?subject:Patient.nonsense=1&patient=b": "o3 o4",
}


@pytest.mark.parametrize(("query", "ids"), SEARCHES.items(), ids=SEARCHES)
async def test_search(record: Fhir, query: str, ids: str) -> None:
    """A search finds these resources."""
    assert ids.split() == sorted(await record.ids(query))


SORTED = {
    "Patient?_sort=birthdate": "b a c",
    "Patient?_sort=-birthdate": "b a c",
    "Patient?_sort=-family": "a b c",
    "Patient?_sort=_id": "a b c",
    "Patient?_sort=-_id": "c b a",
    "Observation?code=8480-6&_sort=value-quantity": "o1 o2 o3",
    "Observation?_sort=status,-date": "o4 o3 o2 o1 o6 o5",
    "Patient": "c b a",
    "Patient?_sort=_lastUpdated": "a b c",
}


@pytest.mark.parametrize(("query", "ids"), SORTED.items(), ids=SORTED)
async def test_sort(record: Fhir, query: str, ids: str) -> None:
    """Results come in this order: without ``_sort`` the latest first; without the value last."""
    assert ids.split() == await record.ids(query)


@pytest.mark.parametrize("query", [*SORTED, "Observation?date=ge2024"])
async def test_pages(record: Fhir, query: str) -> None:
    """Pages of one have the same resources in the same order, and every page the total."""
    whole = await record.ids(query)
    found = []
    address = f"{query}{'&' if '?' in query else '?'}_count=1"
    while address:
        _, bundle = await record.read(address)
        assert bundle["total"] == len(whole)
        found += [each["resource"]["id"] for each in bundle["entry"]]
        links = {each["relation"]: each["url"] for each in bundle["link"]}
        address = links.get("next", "").removeprefix(f"{record.url}/")
    assert whole == found


BAD = {
    "Patient?birthdate=yesterday": 400,
    "Patient?active:exact=true": 400,
    "Patient?_page_token=x": 400,
    "Patient?_page_token=WyJ4Il0": 400,
    "Patient?_count=x": 400,
    "Patient?active:missing=1": 400,
    "Patient?name.given=x": 400,
    "Observation?code:in=http://example.org/none": 400,
    "Observation?code-value-quantity=8480-6": 400,
    "Patient?_include=Patient:name": 400,
    "Location?near=1|2": 400,
    "Patient?_filter=x": 501,
    "Patient?_summary=count": 501,
    "Patent?name=x": 404,
}


@pytest.mark.parametrize(("query", "status"), BAD.items(), ids=BAD)
async def test_refused(record: Fhir, query: str, status: int) -> None:
    """What cannot be evaluated is an OperationOutcome."""
    assert (status, "OperationOutcome") == ((reply := await record.read(query))[0], reply[1]["resourceType"])


async def test_handling(record: Fhir) -> None:
    """``Prefer: handling=strict`` refuses what is ignored otherwise; the link names what took part."""
    _, bundle = await record.read("Patient?nonsense=1&active=true")
    assert bundle["link"][0]["url"].endswith("/Patient?active=true")
    assert (await record.send("GET", "Patient?nonsense=1", Prefer="handling=strict"))[0] == 400


async def test_deleted_and_changed(record: Fhir) -> None:
    """The index follows every change."""
    await record.put(patient("c", gender="other"))
    assert await record.ids("Patient?deceased=true") == []
    assert await record.ids("Patient?gender=other") == ["c"]
    await record.send("DELETE", "Patient/c")
    assert await record.ids("Patient?gender=other") == []


async def test_index_delay(sandbox: Sandbox, fhir: Fhir) -> None:
    """With ``index_delay``, only a search by identifier finds a new resource at once."""
    sandbox.fhir_options.index_delay = 3600
    await fhir.put(patient("p", identifier=[{"value": "7"}], active=True))
    assert await fhir.ids("Patient?identifier=7") == ["p"]
    assert await fhir.ids("Patient?active=true") == await fhir.ids("Patient") == []
    assert await fhir.ids("Patient?identifier=7&_sort=-_lastUpdated") == []
    sandbox.fhir_options.index_delay = 0.001
    await fhir.put(patient("q", active=True))
    while await fhir.ids("Patient?active=true") != ["q"]:
        pass
