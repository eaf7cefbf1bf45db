"""FHIR through a whole gateway with the step `deidentify`: bundles, resources, files, and what HL7v2 becomes."""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from tests.adapters.events.cloud import SUBSCRIPTION, running_cloud, told_fhir_store
from tests.gateway.deidentified import (
    NAMES,
    NUMBER,
    SYSTEM,
    Json,
    Store,
    Taken,
    adt,
    patient,
    post,
    steps,
    store,
    study,
)
from tests.mllp_client import code_of, mllp_client
from tests.peers.programs import run
from tests.running import running_gateway
from tests.waiting import until

PSEUDONYMS = KeyedPseudonyms(Key(b"\x5a" * 32))
PSEUDONYM = PSEUDONYMS.patient(Patient("hospital", NUMBER))
CONDITION = f"identifier={SYSTEM}|{NUMBER}"
URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


def configuration(url: str, folder: Path, **fhir: str) -> str:
    """Return a gateway that takes FHIR over HTTP, and HL7v2 that it converts."""
    return (
        "listeners:\n  in: {kind: http, accepts: fhir, port: 0}\n  adt: {kind: mllp, port: 0, acknowledge: relay}\n"
        f"destinations: {{research: {{kind: fhir_store, url: '{url}', via: [anonymous], max_attempts: 1}}}}\n"
        "routes:\n  - {from: in, to: research}\n  - {from: adt, via: [fhir], to: research}\n"
        f"data_dir: {folder}/data\n" + steps(folder, **fhir)
    )


def entry(resource: Json, method: str, url: str, full_url: str = "", **request: str) -> Json:
    """Return an entry of a transaction."""
    made: Json = {"resource": resource, "request": {"method": method, "url": url, **request}}
    return made | ({"fullUrl": full_url} if full_url else {})


def bundle(kind: str, *entries: Json, **more: Any) -> Json:
    """Return a bundle."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **more}


def observation(**elements: Any) -> Json:
    """Return an observation of the patient."""
    code = {"coding": [{"system": "http://loinc.org", "code": "2951-2", "display": "Sodium"}], "text": "of Musterfrau"}
    return {
        "resourceType": "Observation", "status": "final", "code": code, "subject": {"reference": "Patient/p-7423501"},
        "effectiveDateTime": "2024-05-08T08:00:00Z", "valueQuantity": {"value": 140, "unit": "mmol/L"}, **elements,
    }  # fmt: skip


DOCUMENT = {
    "resourceType": "DocumentReference", "status": "current", "subject": {"reference": f"Patient?{CONDITION}"},
    "description": "Letter for Musterfrau",
    "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.3.46.670.77"},
    "content": [{"attachment": {"contentType": "text/plain", "data": "TXVzdGVyZnJhdQ==", "title": "Musterfrau"}}],
}  # fmt: skip
PROVENANCE = {
    "resourceType": "Provenance", "target": [{"reference": URN}], "recorded": "2024-05-08T08:00:00Z",
    "agent": [{"who": {"display": "Musterfrau"}}],
    "signature": [{"type": [{"code": "x"}], "when": "2024-05-08T08:00:00Z", "who": {"display": "Musterfrau"}}],
}  # fmt: skip
CONTAINING = observation(
    contained=[{"resourceType": "Practitioner", "id": "musterfrau", "name": [{"family": "Musterfrau"}]}],
    performer=[{"reference": "#musterfrau", "display": "Erika"}],
    note=[{"text": "Musterfrau is well"}],
    identifier=[{"system": "http://lab.example", "value": f"L-{NUMBER}"}],
)
BUNDLES = {
    "a transaction": bundle(
        "transaction",
        entry(patient(), "PUT", f"Patient?{CONDITION}", URN),
        entry(observation(subject={"reference": URN, "display": "Erika"}), "POST", "Observation"),
        entry(DOCUMENT, "POST", "DocumentReference", ifNoneExist="identifier=http://documents.example|1"),
        entry(PROVENANCE, "POST", "Provenance"),
        entry(CONTAINING, "PUT", f"Observation?identifier=http://lab.example|L-{NUMBER}"),
    ),
    "a batch": bundle(
        "batch",
        entry(patient(), "PUT", "Patient/p-7423501", "http://his.example/fhir/Patient/p-7423501", ifMatch='W/"1"'),
        entry(study(), "PUT", "ImagingStudy/s1"),
        entry(observation(id="o1"), "PUT", "Observation/o1"),
    ),
}


def check(taken: Taken) -> None:
    """Make sure that nothing that a store got names the patient."""
    assert [] == [each for each in NAMES if each.lower() in taken.everything()]
    assert "txvzdgvyznjhdq" not in taken.everything()  # the name in base64


@pytest.mark.parametrize("name", BUNDLES)
async def test_bundles(tmp_path: Path, name: str) -> None:
    """A store gets the bundle with the same requests about the same things, and no word of the patient."""
    async with store() as research, running_gateway(configuration(research.url, tmp_path)) as running:
        status, said = await post(running.ports["in"], BUNDLES[name])
        (taken,) = await research.got(1)
    assert status == 200, said
    check(taken)
    made, before = taken.json()["entry"], BUNDLES[name]["entry"]
    assert [each["request"]["method"] for each in made] == [each["request"]["method"] for each in before]
    assert made[0]["resource"]["identifier"] == [{"system": SYSTEM, "value": PSEUDONYM}]
    if name == "a transaction":
        assert made[0]["request"]["url"] == f"Patient?identifier=urn%3Aoid%3A1.2.3%7C{PSEUDONYM}"
        assert made[1]["resource"]["subject"] == {"reference": made[0]["fullUrl"]}
        assert made[2]["resource"]["subject"]["reference"] == made[0]["request"]["url"]
        assert made[3]["resource"]["target"] == [{"reference": made[0]["fullUrl"]}]
        contained = made[4]["resource"]
        assert contained["performer"] == [{"reference": f"#{contained['contained'][0]['id']}"}]
        assert made[4]["request"]["url"].endswith(contained["identifier"][0]["value"])
    else:
        assert made[0]["request"]["url"] == f"Patient/{made[0]['resource']['id']}"
        assert made[1]["resource"]["subject"] == {"reference": made[0]["request"]["url"]}


@pytest.mark.parametrize("name", BUNDLES)
async def test_stored(tmp_path: Path, name: str) -> None:
    """A store that validates R4 takes it, and a search by the pseudonym finds the patient there."""
    async with Sandbox(tmp_path / "stores") as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        async with running_gateway(configuration(url, tmp_path)) as running:
            first = bundle("batch", entry(patient(), "PUT", f"Patient?{CONDITION}"))
            for each in (first, BUNDLES[name], BUNDLES[name]) if name == "a transaction" else [BUNDLES[name]] * 2:
                status, said = await post(running.ports["in"], each)
                assert status == 200, said
        async with client.get(f"{url}/Patient?identifier={SYSTEM}|{PSEUDONYM}") as reply:
            found = await reply.json(content_type=None)
        async with client.get(f"{url}/Patient?identifier={SYSTEM}|{NUMBER}") as reply:
            nobody = await reply.json(content_type=None)
    assert (found["total"], nobody["total"]) == (1, 0)
    assert [] == [each for each in NAMES if each.lower() in json.dumps(found).lower()]


async def test_converted(tmp_path: Path) -> None:
    """What messages over MLLP become names nobody and has the pseudonym of HL7v2; a second message updates it."""
    async with Sandbox(tmp_path / "stores") as sandbox, ClientSession() as client:
        url = sandbox.fhir_url()
        async with (
            running_gateway(configuration(url, tmp_path)) as running,
            mllp_client(running.ports["adt"]) as peer,
        ):
            for number in (1, 2):
                assert code_of(await peer.ask(adt(control_id=f"C{number}"))) == "AA"
        found = [
            each["resource"]
            for kind in ("Patient", "Encounter", "Provenance", "Organization", "Practitioner")
            for each in await searched(client, f"{url}/{kind}")
        ]
    kinds = [each["resourceType"] for each in found]
    assert (kinds.count("Patient"), kinds.count("Encounter")) == (1, 1)
    assert found[0]["identifier"][0] | {"system": SYSTEM, "value": PSEUDONYM} == found[0]["identifier"][0]
    said = json.dumps(found).lower()
    assert [] == [each for each in NAMES if each.lower() in said]
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs is not installed")
    for each in found:
        assert [] == fhirkit.validate(json.dumps(each).encode())


async def searched(client: ClientSession, url: str) -> list[Json]:
    """Return the entries of a search."""
    async with client.get(url) as reply:
        found: list[Json] = (await reply.json(content_type=None)).get("entry", [])
    return found


async def test_one_resource(tmp_path: Path) -> None:
    """A single resource goes to the address that its new body names; query and headers of the peer do not go on."""
    async with store() as research, running_gateway(configuration(research.url, tmp_path)) as running:
        port = running.ports["in"]
        answers = [
            await post(port, patient(), "/Patient/p-7423501", "PUT", If_Match='W/"Musterfrau"'),
            await post(port, patient(), f"/Patient?{CONDITION}&name=Musterfrau", "PUT"),
            await post(port, patient(), "/Patient", "POST", If_None_Exist=f"{CONDITION}&name=Musterfrau"),
        ]
        taken = await research.got(3)
    assert [200, 200, 200] == [status for status, _ in answers]
    for each in taken:
        check(each)
        assert (each.method, each.path) == ("PUT", f"/base/Patient/{each.json()['id']}")
    assert not [each for _, said in answers for each in NAMES if each in said]


async def test_search_result(tmp_path: Path) -> None:
    """A result of a search as a resource does not say what was searched for."""
    link = [{"relation": "self", "url": f"http://his.example/Patient?name=Musterfrau&{CONDITION}"}]
    entries = [{"fullUrl": "http://his.example/Patient/p-7423501", "resource": patient(), "search": {"mode": "match"}}]
    async with store() as research, running_gateway(configuration(research.url, tmp_path)) as running:
        await post(running.ports["in"], bundle("searchset", *entries, link=link, total=1), "/Bundle")
        (taken,) = await research.got(1)
    check(taken)
    assert "link" not in taken.json()
    assert "his.example" not in taken.everything()


HELD_BACK: dict[str, tuple[Json | bytes, str, str]] = {
    "an unknown system": (patient("http://other.example/Musterfrau"), "/Patient", "POST"),
    "a patch": (b'[{"op":"replace","path":"/name/0/family","value":"Musterfrau"}]', "/Patient/p-7423501", "PATCH"),
    "a deletion": (b"", f"/Patient?{CONDITION}", "DELETE"),
    "a search in a batch": (
        bundle("batch", {"request": {"method": "GET", "url": "Patient?name=Musterfrau"}}),
        "",
        "POST",
    ),
    "another condition": (
        bundle("transaction", entry(patient(), "PUT", "Patient?birthdate=1954-03-07&family=Musterfrau")),
        "",
        "POST",
    ),
    "a system that names the patient": (
        bundle(
            "transaction",
            entry(patient(), "PUT", "Patient/p-7423501"),
            entry(observation(), "PUT", "Observation?identifier=http://lab.example/Musterfrau|1"),
        ),
        "",
        "POST",
    ),
    "a patch in a bundle": (
        bundle("transaction", entry({"resourceType": "Binary", "data": "TXVz"}, "PATCH", "Patient/p-7423501")),
        "",
        "POST",
    ),
    "a binary": ({"resourceType": "Binary", "contentType": "text/plain", "data": "TXVz"}, "/Binary", "POST"),
    "a date of nobody": (observation(subject={"display": "Musterfrau"}), "/Observation", "POST"),
    "a modifier": (
        observation(modifierExtension=[{"url": "http://his.example/Musterfrau", "valueBoolean": True}]),
        "/Observation",
        "POST",
    ),
}


async def test_held_back(tmp_path: Path) -> None:
    """What cannot be transformed with certainty is refused: the peer hears why, and nobody a word of the patient."""
    stream = StringIO()
    log.configure(level="debug", stream=stream)
    async with store() as research, running_gateway(configuration(research.url, tmp_path)) as running:
        for name, (body, path, method) in HELD_BACK.items():
            headers = {"Content_Type": "application/json-patch+json"} if method == "PATCH" else {}
            status, said = await post(running.ports["in"], body, path, method, **headers)
            assert 400 <= status < 500, name
            assert "held back" in said, name
            assert [] == [each for each in NAMES if each.lower() in said.lower()], name
        assert research.taken == []
    assert [] == [each for each in NAMES if each.lower() in stream.getvalue().lower()]


NDJSON = {
    "Patient": [patient(), {**patient(), "id": "p-2", "identifier": [{"system": SYSTEM, "value": "8800123"}]}],
    "Observation": [observation(id=f"o{number}") for number in range(3)],
    "ImagingStudy": [study()],
}


@pytest.mark.slow
async def test_files(tmp_path: Path) -> None:
    """Files of a bulk export are sent through the step: resources refer to each other by ids of their server."""
    for kind, resources in NDJSON.items():
        (tmp_path / f"{kind}.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in resources))
    async with store() as research:
        text = configuration(research.url, tmp_path).replace(f"fhir: ['{SYSTEM}']", f"fhir: ['{SYSTEM}', Patient]")
        (tmp_path / "hilum.yaml").write_text(text)
        paths = [tmp_path / f"{kind}.ndjson" for kind in NDJSON]
        status, said = await run(
            *(sys.executable, "-m", "gateway", "send", "fhir"), tmp_path / "hilum.yaml", "research", *paths
        )
        taken = research.taken
    assert status == 0, said
    assert [] == [each for each in NAMES if each.lower() in said.lower()]
    for each in taken:
        check(each)
    subjects = {found for each in taken for found in references(each.json())}
    assert subjects == {f"Patient/{PSEUDONYMS.identifier('id Patient', 'p-7423501')}"}


@pytest.mark.slow
@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_fetched(tmp_path: Path, acknowledge: str) -> None:
    """What changes in the store of the clinic is fetched and goes to the researchers without its patient."""
    async with running_cloud(tmp_path / "cloud") as cloud, store() as research:
        fhir = await told_fhir_store(cloud)
        text = (
            f"listeners: {{in: {{kind: pubsub_fhir, subscription: {SUBSCRIPTION}, store: '{fhir.url[:-5]}',"
            f" pubsub_url: '{cloud.sandbox.url}', acknowledge: {acknowledge}, settle_seconds: 0.5}}}}\n"
            f"destinations: {{research: {{kind: fhir_store, url: '{research.url}', via: [anonymous]}}}}\n"
            f"routes: [{{from: in, to: research}}]\ndata_dir: {tmp_path}/data\n" + steps(tmp_path)
        ).replace(f"fhir: ['{SYSTEM}']", f"fhir: ['{SYSTEM}', Patient]")
        async with running_gateway(text):
            for each in (patient(), study({"reference": "Patient/p-7423501"})):
                await fhir.put(each)
            await research.got(2)
            await until(lambda: not cloud.outstanding)
    for taken in research.taken:
        check(taken)
        assert taken.method == "PUT"
    assert {each.json()["resourceType"] for each in research.taken} == {"Patient", "ImagingStudy"}


def references(tree: Any) -> list[str]:
    """Return the subjects in what a store got."""
    if isinstance(tree, list):
        return [found for each in tree for found in references(each)]
    if not isinstance(tree, dict):
        return []
    own = [tree["subject"]["reference"]] if "subject" in tree else []
    return own + [found for each in tree.values() for found in references(each)]


def test_store_is_needed() -> None:
    """The stub store knows nothing of the step: it would keep what names a patient."""
    assert Store().taken == []
    taken = Taken("PUT", "/base/Patient", "", json.dumps(patient()).encode())
    with pytest.raises(AssertionError):
        check(taken)
