"""Transactions and batches."""

from typing import Any

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, diagnostics, entry, patient

MRN = {"system": "urn:oid:1.2.3", "value": "7"}
A, B = "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"


def encounter(subject: str, own_id: str = "", /, **elements: Any) -> dict[str, Any]:
    """Return an encounter of a patient."""
    made = {"resourceType": "Encounter", "status": "planned", "class": {"code": "AMB"}, **elements}
    return {**made, **({"id": own_id} if own_id else {}), "subject": {"reference": subject}}


def statuses(bundle: Any) -> list[str]:
    """Return the status of every entry of a response."""
    return [each["response"]["status"][:3] for each in bundle["entry"]]


async def test_links(fhir: Fhir) -> None:
    """What points to the ``fullUrl`` of another entry points to the stored resource, wherever the entry is."""
    status, bundle = await fhir.transaction(
        entry("POST", "Encounter", encounter(A, extension=[{"url": "x:y", "valueUrl": A}]), B),
        entry("POST", "Patient", patient(identifier=[{"value": A}]), A),
    )
    assert (status, statuses(bundle)) == (200, ["201", "201"])
    made, of = (each["resource"] for each in bundle["entry"])
    assert made["subject"] == {"reference": f"Patient/{of['id']}"}
    assert made["extension"] == [{"url": "x:y", "valueUrl": f"Patient/{of['id']}"}]
    assert of["identifier"] == [{"value": A}]


async def test_narrative_links(fhir: Fhir) -> None:
    """Links of a narrative follow too."""
    text = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{A}">x</a></div>'}
    _, bundle = await fhir.transaction(
        entry("POST", "Encounter", encounter(A, text=text), B), entry("POST", "Patient", patient(), A)
    )
    of = bundle["entry"][1]["resource"]["id"]
    assert f'href="Patient/{of}"' in bundle["entry"][0]["resource"]["text"]["div"]


async def test_one_bad_entry_leaves_nothing(fhir: Fhir) -> None:
    """Whatever fails, the answer is one OperationOutcome with the place, and nothing is stored."""
    bad: list[dict[str, Any]] = [
        entry("POST", "Patient", patient(name=[])),
        entry("POST", "Patient", {"resourceType": "Group"}),
        entry("PUT", "Patient/q", patient("r")),
        entry("PUT", "Patient/q", patient("q"), ifMatch='W/"x"'),
        entry("PATCH", "Patient?identifier=none", {"resourceType": "Binary", "contentType": "x/y", "data": "e30="}),
        entry("GET", "Patient/none"),
        entry("GET", "Patient?name=x"),
        entry("POST", "Encounter", encounter("Patient/none")),
        entry("POST", "Encounter", encounter(B)),
        entry("POST", "Encounter", encounter("Patient?identifier=none")),
        entry("PUT", "Patient?name=x", patient()),
        entry("PUT", "Patient/p", patient("p")),
        {"request": {"method": "HEAD", "url": "Patient/p"}},
        {"resource": patient()},
    ]
    for each in bad:
        status, outcome = await fhir.transaction(entry("PUT", "Patient/p", patient("p")), each)
        assert (400 <= status < 502, outcome["resourceType"]) == (True, "OperationOutcome"), each
        assert await fhir.ids("Patient") == []
    assert (await fhir.read("Patient/p"))[0] == 404


async def test_place_of_the_error(fhir: Fhir) -> None:
    """The error names the entry."""
    _, outcome = await fhir.transaction(entry("POST", "Patient", patient()), entry("POST", "Patient", patient(name=[])))
    assert diagnostics(outcome) == 'error at "entry[1]": error at "Patient.name": empty value'


async def test_order(fhir: Fhir) -> None:
    """DELETE, POST, PUT and GET are done in this order, and answered in the order of the request."""
    await fhir.put(patient("old", identifier=[MRN]))
    status, bundle = await fhir.transaction(
        entry("GET", "Patient/new"),
        entry("PUT", "Patient/new", patient("new", active=True)),
        entry("DELETE", "Patient/old"),
    )
    assert (status, statuses(bundle)) == (200, ["200", "201", "200"])
    assert bundle["entry"][0]["resource"]["active"] is True
    assert await fhir.ids("Patient") == ["new"]


async def test_delete_with_what_points_to_it(fhir: Fhir) -> None:
    """References are checked last: a patient and its encounter are deleted together."""
    await fhir.put(patient("p"))
    await fhir.put(encounter("Patient/p", "e"))
    status, _ = await fhir.transaction(entry("DELETE", "Patient/p"), entry("DELETE", "Encounter/e"))
    assert status == 200


async def test_conditional_entries(fhir: Fhir) -> None:
    """``ifNoneExist``, a conditional PUT and a conditional PATCH find what is there; others refer to it."""
    where = "identifier=urn:oid:1.2.3|7"
    first = [
        entry("POST", "Patient", patient(identifier=[MRN]), A, ifNoneExist=where),
        entry("PUT", "Encounter?identifier=e", encounter(A, identifier=[{"value": "e"}]), B),
    ]
    _, made = await fhir.transaction(*first)
    status, again = await fhir.transaction(*first)
    assert (status, statuses(again)) == (200, ["200", "200"])
    ids = [[each["resource"]["id"] for each in bundle["entry"]] for bundle in (made, again)]
    assert ids[0] == ids[1]
    patch = {"resourceType": "Binary", "contentType": "application/json-patch+json"}
    patch["data"] = "W3sib3AiOiJhZGQiLCJwYXRoIjoiL2FjdGl2ZSIsInZhbHVlIjpmYWxzZX1d"
    status, patched = await fhir.transaction(entry("PATCH", f"Patient?{where}", patch))
    assert (status, patched["entry"][0]["resource"]["active"]) == (200, False)


async def test_conditional_references(fhir: Fhir) -> None:
    """``Patient?identifier=…`` becomes the address of the match; several are a 412."""
    await fhir.put(patient("p", identifier=[MRN]))
    _, bundle = await fhir.transaction(entry("POST", "Encounter", encounter("Patient?identifier=urn:oid:1.2.3|7")))
    assert bundle["entry"][0]["resource"]["subject"]["reference"] == "Patient/p"
    await fhir.put(patient("q", identifier=[MRN]))
    status, _ = await fhir.transaction(entry("POST", "Encounter", encounter("Patient?identifier=7")))
    assert status == 412


async def test_overlap(fhir: Fhir) -> None:
    """No resource is written twice: neither by its ID, nor by a condition that matches it, nor by equal conditions."""
    await fhir.put(patient("p", identifier=[MRN]))
    put = entry("PUT", "Patient/p", patient("p"))
    conditional = entry("PUT", "Patient?identifier=7", patient(identifier=[MRN]))
    new = entry("POST", "Patient", patient(), ifNoneExist="identifier=8")
    for pair in ((put, put), (put, conditional), (conditional, entry("DELETE", "Patient/p")), (new, new)):
        status, outcome = await fhir.transaction(*pair)
        assert (status, diagnostics(outcome)[:19]) == (400, 'error at "entry[1]"')


async def test_condition_and_its_identifier(fhir: Fhir) -> None:
    """An entry that stores the identifier for which another one has found nothing makes two: the transaction fails."""
    status, outcome = await fhir.transaction(
        entry("PUT", "Patient?identifier=urn:oid:1.2.3|7", patient(identifier=[MRN])),
        entry("POST", "Patient", patient(identifier=[MRN])),
    )
    assert (status, outcome["resourceType"], await fhir.ids("Patient")) == (412, "OperationOutcome", [])


async def test_batch(fhir: Fhir) -> None:
    """Each entry of a batch stands alone."""
    status, bundle = await fhir.transaction(
        entry("PUT", "Patient/p", patient("p")),
        entry("POST", "Encounter", encounter("Patient/none")),
        entry("GET", "Patient/p"),
        kind="batch",
    )
    assert (status, statuses(bundle)) == (200, ["201", "400", "200"])
    assert bundle["entry"][1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert await fhir.ids("Encounter") == []


async def test_limit(sandbox: Sandbox, fhir: Fhir) -> None:
    """A transaction with too many entries is refused whole."""
    sandbox.fhir_options.largest_transaction = 1
    status, _ = await fhir.transaction(*[entry("POST", "Patient", patient())] * 2)
    assert (status, await fhir.ids("Patient")) == (413, [])


async def test_no_bundle(fhir: Fhir) -> None:
    """Other resources and other types of bundles are a 400."""
    assert (await fhir.send("POST", "", patient()))[0] == 400
    assert (await fhir.transaction(kind="collection"))[0] == 400
