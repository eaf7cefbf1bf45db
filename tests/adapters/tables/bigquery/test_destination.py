"""Rows in BigQuery: tables are made, get columns, and each message hears what became of its row."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from adapters.tables.bigquery.destination import BigQuery
from adapters.tables.bigquery.settings import BigQuerySettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.sandbox.server import Sandbox
from tests.adapters.tables.bigquery.fake import FakeBigQuery, error, fake_bigquery
from tests.adapters.tables.messages import ADT, instance

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def destination(fake: FakeBigQuery, **more: Any) -> BigQuery:
    """Return a destination that asks the fake."""
    settings = {"kind": "bigquery", "url": fake.url, "table": "t", "collect_seconds": 0.01, **more}
    return BigQuery("bq", BigQuerySettings.model_validate(settings), clock=lambda: NOW)


def dicom(name: str, patient: str = "P1") -> Message:
    """Return an instance with this message ID."""
    return Message(name, WholeBody(instance(f"1.2.{name}", patient)), {"sop_class_uid": "1.2"}, {})


async def test_rows() -> None:
    """A table is made once, and rows that come at once are one request."""
    async with fake_bigquery() as fake, destination(fake) as table:
        assert [Stored()] * 5 == await asyncio.gather(*(table.deliver(dicom(str(each))) for each in range(5)))
        assert ["GET /t", "POST ", "POST /t/insertAll"] == fake.asked
        assert [f"{each}-0" for each in range(5)] == sorted(fake.rows)
        assert ("P1", "1.2.0") == (fake.rows["0-0"]["PatientID"], fake.rows["0-0"]["SOPInstanceUID"])


async def test_new_columns() -> None:
    """A row with a new column adds it to the table; what others have added is kept."""
    async with fake_bigquery() as fake, destination(fake) as table:
        await table.deliver(dicom("1"))
        fields = fake.tables["t"]["schema"]["fields"]
        fields.append({"name": "Own", "type": "STRING", "mode": "NULLABLE"})
        fake.tables["t"]["schema"]["fields"] = [each for each in fields if each["name"] != "PatientID"]
        async with destination(fake) as other:
            assert Stored() == await other.deliver(dicom("2"))
        names = [each["name"] for each in fake.tables["t"]["schema"]["fields"]]
        assert {"Own", "PatientID"} <= set(names)
        assert "PATCH /t" in fake.asked


async def test_json() -> None:
    """A column of JSON is text for BigQuery; a resource goes to the table of its type."""
    resource = json.dumps({"resourceType": "Patient", "id": "7", "name": [{"given": ["A"]}]}).encode()
    async with fake_bigquery() as fake, destination(fake, columns="json") as table:
        assert Stored() == await table.deliver(dicom("1"))
        assert "1.2.1" == json.loads(fake.rows["1-0"]["Metadata"])["00080018"]["Value"][0]
        assert Stored() == await table.deliver(Message("m", WholeBody(resource), {"resource_type": "Patient"}, {}))
        assert {"t", "t_Patient"} == set(fake.tables)
        assert [{"given": ["A"]}] == fake.rows["m-0"]["name"]


async def test_one_is_wrong() -> None:
    """A row that BigQuery refuses does not keep the others out, and its message is not repeated."""
    async with fake_bigquery() as fake, destination(fake) as table:
        messages = [dicom("1"), dicom("2", "WRONG"), dicom("3"), Message("4", WholeBody(b"no"), {}, {})]
        outcomes = await asyncio.gather(*map(table.deliver, messages))
        assert [Stored, Refused, Stored, Refused] == [type(each) for each in outcomes]
        assert Refused("BigQuery: the row is refused: invalid") == outcomes[1]
        assert {"1-0", "3-0"} == set(fake.rows)


async def test_another_sort() -> None:
    """A type that is another one in the table is refused."""
    async with fake_bigquery() as fake, destination(fake) as table:
        fake.tables["t"] = {"schema": {"fields": [{"name": "PatientID", "type": "INTEGER", "mode": "NULLABLE"}]}}
        outcome = await table.deliver(dicom("1"))
        assert isinstance(outcome, Refused)
        assert "column PatientID: is INTEGER in the table and STRING in the rows" in outcome.reason
        assert Stored() == await table.deliver(Message("2", WholeBody(ADT), {}, {}))


async def test_later() -> None:
    """What may work later is unavailable, and nothing of BigQuery's own text is told."""
    async with fake_bigquery() as fake, destination(fake) as table:
        fake.failing = [
            error(404, "notFound"),
            error(403, "quotaExceeded"),
            error(503, "backendError"),
            error(400, "invalid"),
        ]
        kinds = [type(await table.deliver(dicom(str(each)))) for each in range(5)]
        assert [Unavailable, Unavailable, Unavailable, Refused, Stored] == kinds
        fake.failing = [error(400, "SECRET")]
        outcome = await table.deliver(dicom("9"))
        assert isinstance(outcome, Refused)
        assert "SECRET" not in outcome.reason
    async with destination(fake) as table:
        assert isinstance(await table.deliver(dicom("1")), Unavailable)


async def test_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load job takes what was collected; a row that is refused is found by halves."""
    monkeypatch.setattr("adapters.tables.bigquery.destination.FIRST_PAUSE", 0.01)
    async with fake_bigquery() as fake, destination(fake, write="load", columns="json") as table:
        assert [Stored()] * 4 == await asyncio.gather(*(table.deliver(dicom(str(each))) for each in range(4)))
        assert 1 == fake.asked.count("POST job")
        assert "P1" == fake.rows["1.2.0"]["Metadata"]["00100020"]["Value"][0]
        messages = [dicom("5"), dicom("6", "WRONG"), dicom("7")]
        outcomes = await asyncio.gather(*map(table.deliver, messages))
        assert [Stored(), Refused("BigQuery: the load job failed: invalid"), Stored()] == outcomes


async def test_load_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some time nobody waits any more, and the rows may be there."""
    monkeypatch.setattr("adapters.tables.bigquery.destination.FIRST_PAUSE", 0.01)
    monkeypatch.setattr(FakeBigQuery, "jobs", property(lambda _: Endless(), lambda *_: None), raising=False)
    async with fake_bigquery() as fake, destination(fake, write="load", load_seconds=0.05) as table:
        outcome = await table.deliver(dicom("1"))
    assert Unavailable("BigQuery: the load job takes too long", maybe_stored=True) == outcome


class Endless(dict[str, Any]):
    """Jobs that never end."""

    def __getitem__(self, key: str) -> list[dict[str, Any]]:
        return [{"jobReference": {}, "status": {"state": "RUNNING"}}]


async def test_sandbox(tmp_path: Path) -> None:
    """FHIR resources become rows of the sandbox's BigQuery; a message that is delivered again has one row."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    name = [{"family": "Meier", "given": ["Anna", "B"]}]
    patient = {"resourceType": "Patient", "id": "7", "meta": {"lastUpdated": "2026-01-01T00:00:00Z"}, "name": name}
    messages = [
        Message("m1", WholeBody(json.dumps(patient).encode()), {"resource_type": "Patient"}, {}),
        Message("m2", WholeBody(b'{"resourceType": "Device", "id": "d"}'), {"resource_type": "Device"}, {}),
    ]
    async with Sandbox(tmp_path) as sandbox, ClientSession() as session:
        url = f"{sandbox.url}/bigquery/v2/projects/p/datasets"
        async with session.post(url, json={"datasetReference": {"datasetId": "lab"}}) as reply:
            assert reply.status == 200
        settings = {"kind": "bigquery", "url": f"{url}/lab", "table": "t", "collect_seconds": 0.01}
        for _ in range(2):
            async with BigQuery("bq", BigQuerySettings.model_validate(settings), clock=lambda: NOW) as table:
                assert [Stored(), Stored()] == [await table.deliver(each) for each in messages]
        async with session.get(f"{url}/lab/tables/t_Patient/data?selectedFields=id,name") as reply:
            found = await reply.json()
        assert "1" == found["totalRows"]
        assert "7" == found["rows"][0]["f"][0]["v"]
        async with session.get(f"{url}/lab/tables") as reply:
            assert ["t_Device", "t_Patient"] == [
                each["tableReference"]["tableId"] for each in (await reply.json())["tables"]
            ]
