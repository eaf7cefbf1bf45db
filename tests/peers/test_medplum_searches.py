"""The same searches over the same record: the sandbox and Medplum's router, which somebody else wrote.

Where they differ, the reason is here with the place in the specification; a difference that has gone fails too.
"""

import asyncio
import json
import shutil
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry
from tests.gateway.sandbox.fhir.search.data import RECORD
from tests.gateway.sandbox.fhir.search.test_run import SEARCHES
from tests.peers.programs import ROOT

MEDPLUM = ROOT / "build" / "medplum"
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (MEDPLUM / "node_modules").exists(),
    reason="Node.js or Medplum's router is not installed: make medplum",
)

# Medplum's repository in memory has fewer searches than its server; these reasons are about the repository.
_NO_NUMBERS = "it finds no numbers and quantities; R4 search 3.1.1.4.3, 3.1.1.4.11 compare them"
_NO_ACCENTS = "it distinguishes accents; R4 search 3.1.1.4.8: a string is compared without them"
_NO_COMPOSITES = "it refuses composites; R4 search 3.1.1.4.12"
_NO_SETS = "it has no value sets for :in and :not-in; R4 search 3.1.1.4.4"
_NO_HAS = "it finds nothing by _has; R4 search 3.1.1.6"
_CONTAINS = "it takes an overlap for equality; R4 search 3.1.1.4.6: the search value contains the whole target"
_UNKNOWN = "it finds nothing for an undefined parameter; R4 search 3.1.1.2: handling=lenient ignores it"
EXPLAINED: dict[str, str] = {
    "Patient?identifier=urn:x|1\\|2\\,3": "it does not read a bar after a backslash; R4 search 3.1.1.4.5",
    "Patient?gender=http://hl7.org/fhir/administrative-gender|male": "it has no system of a code; 3.1.1.4.10",
    "Patient?family=mull": _NO_ACCENTS,
    "Patient?address-city=lub": _NO_ACCENTS,
    "Patient?general-practitioner:Practitioner.family=weiss": _NO_ACCENTS,
    "Patient?email=anna@example.org": "it compares telecom without case; R4 search 3.1.1.4.10",
    "Patient?birthdate=1980-05": _CONTAINS,
    "Patient?birthdate=1980-05-17": _CONTAINS,
    "Observation?date=2024-02-01": _CONTAINS,
    "Observation?date=2024-02": _CONTAINS,
    "Encounter?date=2024-02-01T07:00:00Z": _CONTAINS,
    "Patient?birthdate=ne1980": "it counts a missing date as unequal; R4 search 3.1.1.4.6 is about a target value",
    "Patient?link=a": "it takes a bare ID for a parameter with one target type only; R4 search 3.1.1.4.9",
    "Patient?link.organization.identifier=org": "it needs a type in a chain with several targets; R4 search 3.1.1.5",
    "Patient?_has:Observation:patient:code=8867-4": _NO_HAS,
    "Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final": _NO_HAS,
    "Observation?code:text=systolic": "it finds nothing by :text; R4 search 3.1.1.4.4",
    "Observation?code:in=http://example.org/vs": _NO_SETS,
    "Observation?code:not-in=http://example.org/vs": _NO_SETS,
    "Observation?subject:identifier=urn:oid:1.2.3|9": "it finds nothing by :identifier; R4 search 3.1.1.4.9",
    "Observation?value-quantity=gt140": _NO_NUMBERS,
    "Observation?value-quantity=120": _NO_NUMBERS,
    "Observation?value-quantity=100": _NO_NUMBERS,
    "Observation?value-quantity=180.5|http://unitsofmeasure.org|mm[Hg]": _NO_NUMBERS,
    "Observation?value-quantity=180.5||mm[Hg]": _NO_NUMBERS,
    "Observation?value-quantity=ap130": _NO_NUMBERS,
    "RiskAssessment?probability=gt0.7": _NO_NUMBERS,
    "RiskAssessment?probability=0.80": _NO_NUMBERS,
    "Observation?code-value-quantity=8480-6$gt140": _NO_COMPOSITES,
    "Observation?component-code-value-quantity=8480-6$gt140": _NO_COMPOSITES,
    "Observation?component-code-value-quantity=8462-4$gt140": _NO_COMPOSITES,
    "Observation?combo-code-value-quantity=8480-6$150,8480-6$120": _NO_COMPOSITES,
    "ValueSet?url:above=http://example.org/vs/1": "it finds nothing by :above; R4 search 3.1.1.4.4",
    "?_type=Encounter,RiskAssessment": "its repository searches one type at a time; R4 http 3.1.0.9.4",
    "Patient?_id=a&_include=*": "it refuses the wildcard; R4 search 3.1.1.5.4",
    "Patient?nonsense=1": _UNKNOWN,
    "Observation?subject:Patient.nonsense=1&patient=b": _UNKNOWN,
}
# Searches by more of the parameters that both have.
MORE = [
    "Patient?active=false",
    "Patient?gender:not=male",
    "Patient?gender:missing=true",
    "Patient?given=Maria",
    "Patient?given:exact=Maria",
    "Patient?name:contains=nn",
    "Patient?birthdate=1980-05-17",
    "Patient?birthdate:missing=true",
    "Patient?organization=Organization/none",
    "Patient?identifier=none",
    "Observation?status=final,preliminary",
    "Observation?status=preliminary&patient=Patient/a",
    "Observation?code=8867-4",
    "Observation?code:not=8867-4",
    "Observation?date=lt2024-02-01",
    "Encounter?status=in-progress&subject=Patient/a",
    "Encounter?service-provider.name=sankt",
    "DiagnosticReport?result=Observation/o2",
    "DiagnosticReport?encounter=Encounter/e&_include=DiagnosticReport:encounter",
    "Organization?name=sankt",
    "Organization?identifier=urn:oid:1.2.3|org&_revinclude=Patient:organization",
    "ValueSet?status=active",
]
QUERIES = [*SEARCHES, *MORE]


@pytest.fixture(scope="module")
def medplum() -> Iterator[str]:
    """Run Medplum's router with the record; yield its address."""
    command = ["node", str(ROOT / "tests/peers/medplum/router.js"), str(MEDPLUM)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            for each in RECORD:
                assert _ask(f"{url}/{each['resourceType']}/{each['id']}", each)[0] < 300
            yield url
        finally:
            process.kill()


def _ask(url: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method="GET" if body is None else "PUT")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.loads(response.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.fixture
async def fhir(tmp_path: Path) -> AsyncIterator[Fhir]:
    """Run a sandbox with the record."""
    async with Sandbox(tmp_path) as sandbox, ClientSession() as session:
        client = Fhir(sandbox, session)
        entries = [entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD]
        assert (await client.transaction(*entries))[0] == 200
        yield client


def ids(bundle: Any) -> list[str]:
    """Return what a bundle has, those of included resources after a plus sign, in alphabetical order."""
    return sorted(
        ("+" if each.get("search", {}).get("mode") == "include" else "") + each["resource"]["id"]
        for each in bundle.get("entry", [])
    )


@pytest.mark.parametrize("query", QUERIES)
async def test_search(fhir: Fhir, medplum: str, query: str) -> None:
    """Both find the same, unless the difference is explained."""
    path, _, parameters = query.partition("?")
    status, theirs = await asyncio.to_thread(_ask, f"{medplum}/{path}?{quote(parameters, safe='=&:,.')}")
    same = status == 200 and ids(theirs) == sorted(await fhir.ids(query))
    assert same == (query not in EXPLAINED), EXPLAINED.get(query, theirs)


def test_enough() -> None:
    """At least sixty searches have the same result in both."""
    assert len(QUERIES) - len(EXPLAINED) >= 60
