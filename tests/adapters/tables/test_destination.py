"""The destination: a message is stored when its row is on the disk."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.tables.contract import Tables
from adapters.tables.destination import TableDestination
from adapters.tables.engine import Engine
from adapters.tables.settings import TableSettings
from gateway.contract.outcome import Refused, Stored, Unavailable
from tests.adapters.tables.messages import ADT, dicom, instance, message
from tests.adapters.tables.shapes import duckdb

assert duckdb

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def destination(folder: Path, **more: object) -> TableDestination:
    """Return a destination that writes to a table below *folder*."""
    settings = TableSettings.model_validate({"kind": "table", "table": "t", **more})
    return TableDestination("metadata", settings, folder, lambda: NOW)


async def test_rows(tmp_path: Path) -> None:
    """Messages that come at once are written at once; the same instance again is one instance."""
    async with destination(tmp_path) as table:
        messages = [dicom(instance(f"1.2.{number}")) for number in range(20)]
        assert [Stored()] * 20 == await asyncio.gather(*map(table.deliver, messages))
        assert Stored() == await table.deliver(messages[0])
    engine = Engine({"main": Tables(tmp_path)})
    assert [(20, "P1")] == engine.query("SELECT count(*), min(PatientID) FROM t").rows
    assert [(21,)] == engine.query("SELECT count(*) FROM t_rows").rows
    assert len(Tables(tmp_path).manifest("t").segments) <= 3


@pytest.mark.parametrize("columns", ["nested", "json", "flattened"])
async def test_refused(tmp_path: Path, columns: str) -> None:
    """What is no row is refused, the others are stored; a table has rows of one sort."""
    async with destination(tmp_path, columns=columns) as table:
        outcomes = await asyncio.gather(*map(table.deliver, [dicom(b"no"), dicom(instance()), dicom(instance("1.9"))]))
        assert [Refused, Stored, Stored] == [type(each) for each in outcomes]
        refused = await table.deliver(message(ADT))
        assert isinstance(refused, Refused)
        assert f"has rows of the sort dicom/{columns}, not hl7v2" in refused.reason


async def test_unavailable(tmp_path: Path) -> None:
    """While another process writes to the table, messages can come later."""
    async with destination(tmp_path) as table, destination(tmp_path) as other:
        assert Stored() == await table.deliver(dicom(instance()))
        outcome = await other.deliver(dicom(instance("1.9")))
        assert isinstance(outcome, Unavailable)
        assert "another process writes" in outcome.reason


async def test_end(tmp_path: Path) -> None:
    """A message whose row is not written yet at the end is told so; what was told to be stored is there."""
    table = destination(tmp_path, collect_seconds=10)
    await table.__aenter__()
    waiting = asyncio.create_task(table.deliver(dicom(instance())))
    for _ in range(20):
        await asyncio.sleep(0)
    await table.__aexit__(None, None, None)
    assert isinstance(await waiting, Unavailable)


async def test_probe(tmp_path: Path) -> None:
    """The folder is what must be there."""
    (tmp_path / "file").write_text("")
    assert await destination(tmp_path).probe() is None
    assert "cannot be used: Not a directory" in str(await destination(tmp_path / "file" / "x").probe())
    assert (str(tmp_path / "t"), "metadata") == (destination(tmp_path).address, destination(tmp_path).name)
