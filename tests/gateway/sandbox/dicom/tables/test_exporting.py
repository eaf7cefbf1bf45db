"""Exports of DICOM stores to tables."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.dicom.tables import exporting
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.server import Sandbox
from gateway.sandbox.tables.target import Target
from tests.dicom_files import make_instance
from tests.gateway.sandbox.operations_client import DICOM, Api
from tests.gateway.sandbox.stow_client import Store


class Written:
    """Keeps what is written to tables."""

    def __init__(self) -> None:
        self.calls: list[tuple[Target, list[str], int, str]] = []
        self.rows: list[Mapping[str, Any]] = []
        self.is_there = False
        self.has_dataset = True

    async def check(self, table: Target) -> None:
        """Raise an error if the dataset of a table is not there."""
        if not self.has_dataset:
            raise ApiError(400, f"there is no dataset {table.dataset}")

    async def check_empty(self, table: Target) -> None:
        """Do nothing: exports of DICOM learn it when they write."""

    async def write(
        self,
        table: Target,
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        _: Mapping[str, str] | None = None,
    ) -> None:
        """Keep rows."""
        if self.is_there and disposition == "WRITE_EMPTY":
            raise ApiError(409, "the table has rows")
        self.is_there = True
        self.calls.append((table, [each["name"] for each in fields], len(rows), disposition))
        self.rows += rows


@pytest.fixture
def tables() -> Written:
    """Return where rows go."""
    return Written()


@pytest.fixture
async def sandbox(tmp_path: Path, tables: Written) -> AsyncIterator[Sandbox]:
    """Run a sandbox with tables."""
    made = Sandbox(tmp_path / "data")
    made.tables = tables
    async with made:
        yield made


async def test_all(
    api: Api, store: Store, tables: Written, tmp_path: Path, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every instance is a row, in pieces of which each has all columns; only the first one makes the table."""
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    await store(*(make_instance(tmp_path, number, "1.2", "1.3").read_bytes() for number in range(3)))
    asked = {"bigqueryDestination": {"tableUri": "bq://p.d.t", "includeSourceStore": True}}
    done = await api.run(f"{DICOM}:export", asked)
    assert done["metadata"]["counter"] == {"success": "3"}
    assert [(table.table, count, how) for table, _, count, how in tables.calls] == [
        ("t", 2, "WRITE_EMPTY"),
        ("t", 1, "WRITE_APPEND"),
    ]
    assert tables.calls[0][1] == tables.calls[1][1]
    assert {"PatientID", "StudyInstanceUID", "SourceDicomStore"} <= set(tables.calls[0][1])
    assert [row["InstanceNumber"] for row in tables.rows] == ["0", "1", "2"]
    assert {row["SourceDicomStore"] for row in tables.rows} == {DICOM}
    again = await api.run(f"{DICOM}:export", asked)
    assert again["error"] == {"code": 6, "message": "the table has rows"}


async def test_no_dataset(api: Api, tables: Written) -> None:
    """Where the dataset is not there, no operation begins."""
    tables.has_dataset = False
    status, answer = await api.ask("POST", f"{DICOM}:export", {"bigqueryDestination": {"tableUri": "bq://p.d.t"}})
    assert (status, answer["error"]["message"]) == (400, "there is no dataset d")


async def test_filter_and_json(api: Api, store: Store, tables: Written, tmp_path: Path) -> None:
    """A filter chooses; the metadata is that of the store."""
    await store(*(make_instance(tmp_path, number, f"1.{number}", "9").read_bytes() for number in (1, 2)))
    api.put("f", b"/studies/1.2\n")
    asked = {"bigqueryDestination": {"tableUri": "bq://p.d.t", "schemaJson": {}}}
    await api.run(f"{DICOM}:export", {**asked, "filterConfig": {"resourcePathsGcsUri": "gs://data/f"}})
    (row,) = tables.rows
    _, (metadata,) = await api.ask("GET", f"{DICOM}/dicomWeb/studies/1.2/metadata")
    assert row["Metadata"] == metadata


async def test_empty(api: Api, tables: Written) -> None:
    """An empty store makes a table without rows."""
    done = await api.run(f"{DICOM}:export", {"bigqueryDestination": {"tableUri": "bq://p.d.t"}})
    assert ("response" in done, [count for _, _, count, _ in tables.calls]) == (True, [0])
    wrong = {"bigqueryDestination": {"tableUri": "x"}}
    assert (await api.ask("POST", f"{DICOM}:export", wrong))[0] == 400
