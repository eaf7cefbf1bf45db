"""Load jobs."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.loading import load
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.reasoned_error import ReasonedError
from tests.gateway.sandbox.bigquery.conftest import FIELDS

NAME = TableName("p", "d", "t")


@pytest.fixture
async def dataset(catalog: Catalog) -> Catalog:
    """Return a catalog with a dataset."""
    await catalog.write_dataset("p", "d", {}, new=True)
    return catalog


def asked(kind: str = "NEWLINE_DELIMITED_JSON", **more: Any) -> dict[str, Any]:
    """Return the configuration of a load."""
    table = {"projectId": "p", "datasetId": "d", "tableId": "t"}
    return {"destinationTable": table, "sourceFormat": kind, "schema": {"fields": FIELDS}, **more}


async def rows(catalog: Catalog) -> list[Any]:
    """Return the rows of the table."""
    return catalog.query({"p.d": catalog.folder("p", "d")}, 'SELECT * FROM "p.d"."t" ORDER BY id', 100)


async def test_json(dataset: Catalog) -> None:
    """Each line is a row; the table is made if need be, and rows are added."""
    found = await load(dataset, "p", asked(), [b'{"id": 1}\n\n{"id": 2, "name": "b"}', b'\xef\xbb\xbf{"id": 3}\n'])
    assert ("3", "2") == (found["load"]["outputRows"], found["load"]["inputFiles"])
    await load(dataset, "p", asked(), [b'{"id": 4}'])
    assert [1, 2, 3, 4] == [row[0] for row in await rows(dataset)]


async def test_csv(dataset: Catalog) -> None:
    """Quoted values may have delimiters and line feeds; an empty one is NULL."""
    content = b'id;name\n1;"a;""b\nc"\n2;\n'
    await load(dataset, "p", asked("CSV", fieldDelimiter=";", skipLeadingRows="1"), [content])
    assert [(1, 'a;"b\nc'), (2, None)] == await rows(dataset)
    await load(dataset, "p", asked("CSV", nullMarker="NULL", writeDisposition="WRITE_TRUNCATE"), [b"NULL,\n"])
    assert [(None, "")] == await rows(dataset)


async def test_dispositions(dataset: Catalog) -> None:
    """A table is replaced, or must be empty."""
    await load(dataset, "p", asked(), [b'{"id": 1}'])
    await load(dataset, "p", asked(writeDisposition="WRITE_TRUNCATE"), [b'{"id": 2}'])
    assert [(2, None)] == await rows(dataset)
    for wrong in (asked(writeDisposition="WRITE_EMPTY"), asked(writeDisposition="X")):
        with pytest.raises(ReasonedError):
            await load(dataset, "p", wrong, [b'{"id": 3}'])
    assert [(2, None)] == await rows(dataset)


@pytest.mark.parametrize(
    ("configuration", "content"),
    [
        (asked(), b'{"id": "x"}'),
        (asked(), b"no json"),
        (asked(), b'{"id": 1, "other": 2}'),
        (asked(), b"\xff"),
        (asked("CSV"), b"1,2,3\n"),
        (asked("CSV"), b'1,"a\n'),
        (asked("PARQUET"), b"PAR1"),
        (asked(schema=None), b'{"id": 1}'),
        (asked(createDisposition="CREATE_NEVER"), b'{"id": 1}'),
    ],
)
async def test_refused(dataset: Catalog, configuration: dict[str, Any], content: bytes) -> None:
    """A file that does not fit adds nothing."""
    with pytest.raises(ReasonedError):
        await load(dataset, "p", configuration, [b'{"id": 7}' if configuration.get("x") else content])
    try:
        assert 0 == (await dataset.state(NAME)).rows
    except ReasonedError as error:
        assert error.status == 404  # noqa: PT017


async def test_bad_records(dataset: Catalog) -> None:
    """So many bad rows as the job says are left out."""
    found = await load(dataset, "p", asked(maxBadRecords=1), [b'{"id": "x"}\n{"id": 1}'])
    assert ("1", "1") == (found["load"]["outputRows"], found["load"]["badRecords"])


def parquet(tmp_path: Path, select: str) -> bytes:
    """Return a file of Parquet."""
    path = tmp_path / "made.parquet"
    with pytest.importorskip("duckdb").connect() as connection:
        connection.execute(f"COPY (SELECT {select}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


async def test_parquet(dataset: Catalog, tmp_path: Path) -> None:
    """A file of Parquet says its columns itself; the table is made, widened, or replaced."""
    first = parquet(tmp_path, "unnest([1, 2]) AS id, 'a' AS name")
    job = {**asked("PARQUET"), "schema": None}
    found = await load(dataset, "p", job, [first])
    assert ("2", str(len(first))) == (found["load"]["outputRows"], found["load"]["inputFileBytes"])
    await load(dataset, "p", asked("PARQUET"), [parquet(tmp_path, "3 AS id, DATE '2026-01-31' AS day")])
    assert [(1, "a", None), (2, "a", None), (3, None, date(2026, 1, 31))] == await rows(dataset)
    await load(dataset, "p", {**job, "writeDisposition": "WRITE_TRUNCATE"}, [parquet(tmp_path, "4 AS id")])
    assert [(4, None, None)] == await rows(dataset)


async def test_parquet_refused(dataset: Catalog, tmp_path: Path) -> None:
    """What is no Parquet, has another type, or needs an option that is not there, is refused; nothing is written."""
    await load(dataset, "p", asked("PARQUET"), [parquet(tmp_path, "1 AS id")])
    lists = parquet(tmp_path, "1 AS id, [1] AS l")
    options = {"enableListInference": False}, {"enumAsString": True}
    wrong = [
        (400, asked("PARQUET"), b"none"),
        (400, asked("PARQUET"), parquet(tmp_path, "'a' AS id")),
        (501, asked("PARQUET"), lists),
        *((501, asked("PARQUET", parquetOptions=each), lists) for each in options),
        (400, asked("CSV", parquetOptions=options[0]), b"1,a"),
    ]
    for status, job, content in wrong:
        with pytest.raises(ReasonedError) as error:
            await load(dataset, "p", job, [content])
        assert status == error.value.status
    assert [(1, None)] == await rows(dataset)
    await load(dataset, "p", asked("PARQUET", parquetOptions={"enableListInference": True}), [lists])
    assert [[], [1]] == sorted(row[2] or [] for row in await rows(dataset))
