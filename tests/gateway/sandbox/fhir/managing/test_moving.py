"""Imports and exports in pieces."""

import json
from pathlib import Path

from aiohttp import ClientSession

from gateway.sandbox.fhir.managing.moving import AT_ONCE
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, patient
from tests.gateway.sandbox.fhir.managing.test_operations_api import Store, counted


async def test_more_than_one_piece(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """What an export of many resources wrote, another store imports; the log names the line that failed."""
    around, count = Store(sandbox, client), 2 * AT_ONCE + 5
    bucket = tmp_path / "data" / "buckets" / "data"
    bucket.mkdir(parents=True)
    lines = [json.dumps(patient(f"p{number}")) for number in range(count)]
    (bucket / "in.ndjson").write_text("\n".join([*lines[:7], "{", *lines[7:]]))
    asked = {"contentStructure": "RESOURCE", "gcsSource": {"uri": "gs://data/in.ndjson"}}
    done = await around.do("import", asked)
    assert counted(done) == (str(count), "1")
    assert "pending" not in done["metadata"]["counter"]
    async with client.get(done["metadata"]["logsUrl"]) as response:
        assert "gs://data/in.ndjson:8: it is not JSON" in (await response.text()).splitlines()
    exported = await around.do("export", {"gcsDestination": {"uriPrefix": "gs://data/out"}})
    assert counted(exported) == (str(count), "0")
    assert len((bucket / "out" / "Patient.ndjson").read_text().splitlines()) == count
    assert len(await Fhir(sandbox, client).ids("Patient?_count=1000")) == count
