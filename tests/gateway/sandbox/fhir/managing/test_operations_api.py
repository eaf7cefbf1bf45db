"""Operations on a whole store, over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import DATASET, Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry, patient
from tests.gateway.sandbox.fhir.search.data import RECORD


class Store:
    """Speaks with what is around the resources of a store."""

    def __init__(self, sandbox: Sandbox, client: ClientSession) -> None:
        self._sandbox = sandbox
        self._client = client

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON."""
        async with self._client.request(method, f"{self._sandbox.url}/{path}", json=body) as response:
            return response.status, await response.json(content_type=None)

    async def do(self, name: str, body: Any) -> Any:
        """Run an operation; return it as it is when it is done."""
        status, begun = await self.ask("POST", f"{DATASET}/fhirStores/f:{name}", body)
        assert (status, "done" in begun) == (200, False), begun
        async with asyncio.timeout(60):
            while True:
                status, found = await self.ask("GET", f"v1/{begun['name']}")
                assert status == 200, found
                if found.get("done"):
                    return found
                await asyncio.sleep(0.01)  # poll, as clients of the API do


@pytest.fixture
def around(sandbox: Sandbox, client: ClientSession) -> Store:
    """Return a client of what is around the resources."""
    return Store(sandbox, client)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Return the folder of the bucket ``data``."""
    folder = tmp_path / "data" / "buckets" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def counted(done: Any) -> tuple[str, str]:
    """Return the counters of an operation."""
    counter = done["metadata"]["counter"]
    return counter["success"], counter.get("failure", "0")


async def test_import(fhir: Fhir, around: Store, bucket: Path) -> None:
    """Lines of resources are stored under their IDs; a bad line is counted; references are not checked."""
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    lines = [
        json.dumps(patient("p")),
        json.dumps({**group, "managingEntity": {"reference": "Organization/none"}}),
        json.dumps(patient()),
        "{",
        "",
    ]
    (bucket / "in").mkdir()
    (bucket / "in" / "a.ndjson").write_text("\n".join(lines))
    (bucket / "b.ndjson").write_text(json.dumps(patient("q")))
    asked = {"contentStructure": "RESOURCE", "gcsSource": {"uri": "gs://data/in/*.ndjson"}}
    assert counted(await around.do("import", asked)) == ("2", "2")
    assert await fhir.ids("?_type=Patient,Group") == ["g", "p"]


async def test_import_bundles(fhir: Fhir, around: Store, bucket: Path) -> None:
    """Without a structure the lines are bundles, of which those of type history are refused."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient("p")}]}
    lines = [json.dumps(bundle), json.dumps({**bundle, "type": "history"})]
    (bucket / "a").write_text("\n".join(lines))
    assert counted(await around.do("import", {"gcsSource": {"uri": "gs://data/**"}})) == ("1", "1")


async def test_export(fhir: Fhir, around: Store, bucket: Path) -> None:
    """An export has a file for each type, and can be imported elsewhere."""
    await fhir.transaction(*[entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD])
    asked = {"gcsDestination": {"uriPrefix": "gs://data/out"}, "_type": "Patient,Observation"}
    assert counted(await around.do("export", asked)) == ("9", "0")
    lines = (bucket / "out" / "Observation.ndjson").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["o1", "o2", "o3", "o4", "o5", "o6"]
    assert sorted(path.name for path in (bucket / "out").iterdir()) == ["Observation.ndjson", "Patient.ndjson"]


async def test_rollback(fhir: Fhir, around: Store, bucket: Path) -> None:
    """What was created is deleted, what was changed or deleted is as it was; without ``force`` nothing happens."""
    await fhir.put(patient("changed", active=True))
    _, last = await fhir.put(patient("deleted"))
    await fhir.put(patient("changed", active=False))
    await fhir.send("DELETE", "Patient/deleted")
    await fhir.put(patient("created"))
    asked = {"rollbackTime": last["meta"]["lastUpdated"], "resultGcsBucket": "data"}
    assert counted(await around.do("rollback", asked)) == ("3", "0")
    assert sorted(await fhir.ids("Patient")) == ["changed", "created"]
    await around.do("rollback", {**asked, "force": True})
    assert sorted(await fhir.ids("Patient")) == ["changed", "deleted"]
    assert (await fhir.read("Patient/changed"))[1]["active"] is True
    assert len((bucket / "rollback.txt").read_text().splitlines()) == 3


async def test_bulk_delete(fhir: Fhir, around: Store, bucket: Path) -> None:
    """Resources are deleted by type or by list; a dry run only counts."""
    await fhir.transaction(*[entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD])
    assert counted(await around.do("bulkDelete", {"type": "Observation", "validateOnly": True})) == ("6", "0")
    assert len(await fhir.ids("Observation")) == 6
    await around.do("bulkDelete", {"type": "Observation", "gcsDestination": {"uriPrefix": "gs://data"}})
    assert await fhir.ids("Observation") == []
    assert (await fhir.read("Observation/o1"))[0] == 410
    assert len((bucket / "deleted.txt").read_text().splitlines()) == 6
    (bucket / "list").write_text("Observation/o1\nPatient/none\n")
    asked = {"gcsSource": {"uri": "gs://data/list"}, "versionConfig": "ALL"}
    assert counted(await around.do("bulkDelete", asked)) == ("1", "0")
    assert (await fhir.read("Observation/o1"))[0] == 404


async def test_metrics(fhir: Fhir, around: Store) -> None:
    """Counts and sizes by type, as strings."""
    for active in (True, False):
        await fhir.put(patient("p", active=active))
    _, found = await around.ask("GET", f"{DATASET}/fhirStores/f:getFHIRStoreMetrics")
    (metric,) = found["metrics"]
    assert (metric["resourceType"], metric["count"]) == ("Patient", "1")
    assert int(metric["versionedStorageSizeBytes"]) > int(metric["structuredStorageSizeBytes"])


REFUSED: dict[str, tuple[Any, int]] = {
    "import": ({}, 400),
    "export": ({"bigqueryDestination": {}}, 400),
    "rollback": ({"rollbackTime": "2024"}, 400),
    "bulkDelete": ({"versionConfig": "x"}, 400),
}


@pytest.mark.parametrize(("name", "asked", "status"), [(name, *row) for name, row in REFUSED.items()], ids=REFUSED)
async def test_refused(around: Store, name: str, asked: Any, status: int) -> None:
    """What cannot be done is an error in Google's format, and no operation."""
    found, body = await around.ask("POST", f"{DATASET}/fhirStores/f:{name}", asked)
    assert (status, "error" in body) == (found, True)
    assert await around.ask("GET", f"{DATASET}/operations") == (200, {})


async def test_cancel(around: Store) -> None:
    """An operation that is done can be cancelled without effect."""
    done = await around.do("bulkDelete", {})
    assert await around.ask("POST", f"v1/{done['name']}:cancel", {}) == (200, {})
    assert (await around.ask("GET", f"{DATASET}/operations"))[1] == {"operations": [done]}


async def test_private(around: Store, tmp_path: Path) -> None:
    """Exported files are for their owner only."""
    await around.ask("PUT", f"{DATASET}/fhirStores/f/fhir/Patient/p", patient("p"))
    await around.do("export", {"gcsDestination": {"uriPrefix": "gs://data/a/b"}})
    root = tmp_path / "data" / "buckets"
    assert root.stat().st_mode & 0o077 == 0
    assert (root / "data/a/b/Patient.ndjson").stat().st_mode & 0o077 == 0
