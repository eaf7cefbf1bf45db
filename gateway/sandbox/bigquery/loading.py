"""Load jobs: files of JSON lines, CSV or Parquet become rows of a table, from an upload or from buckets."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.contract.warehouse import WarehouseError
from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.names import TableName, table_of
from gateway.sandbox.bigquery.resources import TABLE_KEYS, fields_of, kept
from gateway.sandbox.bigquery.rows import RowError, read_row
from gateway.sandbox.reasoned_error import ReasonedError

DISPOSITIONS = {"WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_EMPTY"}
PARQUET = "PARQUET"
FORMATS = {"NEWLINE_DELIMITED_JSON", "CSV", PARQUET}
NO_OPTIONS = ("hivePartitioningOptions", "decimalTargetTypes", "projectionFields", "jsonExtension")


async def load(catalog: Catalog, project: str, asked: Mapping[str, Any], files: Sequence[bytes]) -> dict[str, Any]:
    """Add the rows of *files*; return the statistics. Raises ReasonedError."""
    name = table_of(asked.get("destinationTable"), project)
    kind = str(asked.get("sourceFormat") or "CSV").upper()
    if kind not in FORMATS or any(asked.get(each) for each in NO_OPTIONS):
        raise ReasonedError(501, f"files to load must be of {' or '.join(sorted(FORMATS))}, without further options")
    truncate = asked.get("writeDisposition") == "WRITE_TRUNCATE"
    if kind == PARQUET:
        await prepare(catalog, name, asked, await _parquet_fields(catalog, asked, files), default="WRITE_APPEND")
        return _statistics(files, await catalog.append_parquet(name, files, truncate=truncate), 0)
    if asked.get("parquetOptions"):
        raise ReasonedError(400, "parquetOptions are for files of Parquet")
    fields = await _prepared(catalog, name, asked)
    rows, bad = [], 0
    for content in files:
        for number, row in _rows(content, kind, fields, asked):
            try:
                if isinstance(row, RowError):
                    raise row
                rows.append(read_row(row, fields, ignore_unknown=bool(asked.get("ignoreUnknownValues"))))
            except RowError as error:
                bad += 1
                if bad > int(asked.get("maxBadRecords") or 0):
                    raise ReasonedError(400, f"row {number}: {error}", "invalid", f"row {number}") from None
    await catalog.append(name, rows, truncate=truncate)
    return _statistics(files, len(rows), bad)


def _statistics(files: Sequence[bytes], rows: int, bad: int) -> dict[str, Any]:
    octets = str(sum(map(len, files)))
    return {
        "load": {
            "inputFiles": str(len(files)),
            "inputFileBytes": octets,
            "outputRows": str(rows),
            "outputBytes": octets,
            "badRecords": str(bad),
        }
    }


async def _parquet_fields(catalog: Catalog, asked: Mapping[str, Any], files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return the columns of the files, and of those that the job describes its description."""
    options = asked.get("parquetOptions") or {}
    if not isinstance(options, dict) or set(options) - {"enableListInference"}:
        raise ReasonedError(501, "of parquetOptions there is only enableListInference here")
    found = await catalog.parquet_fields(files)
    if not options.get("enableListInference") and any(map(_has_list, found)):
        raise ReasonedError(
            501,
            "a column is a list: set parquetOptions.enableListInference; records of list and element are not made here",
        )
    given = {each["name"].lower(): each for each in fields_of(asked.get("schema"))}
    return [*given.values(), *(each for each in found if each["name"].lower() not in given)]


def _has_list(field: Mapping[str, Any]) -> bool:
    return field.get("mode") == "REPEATED" or any(map(_has_list, field.get("fields", ())))


async def _prepared(catalog: Catalog, name: TableName, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of the table, which is made if need be."""
    await prepare(catalog, name, asked, fields_of(asked.get("schema")), default="WRITE_APPEND")
    return (await catalog.state(name)).fields


async def prepare(
    catalog: Catalog, name: TableName, asked: Mapping[str, Any], fields: list[dict[str, Any]], *, default: str
) -> None:
    """Make the table that a job writes, or check that it may be written."""
    disposition = str(asked.get("writeDisposition") or default)
    if disposition not in DISPOSITIONS:
        raise ReasonedError(400, f"writeDisposition must be one of {', '.join(sorted(DISPOSITIONS))}")
    try:
        state = await catalog.state(name)
    except ReasonedError as error:
        if error.status != 404 or asked.get("createDisposition") == "CREATE_NEVER":
            raise
        await catalog.dataset(name.project, name.dataset)
        if not fields:
            raise ReasonedError(
                400, "the table does not exist, and the job has no schema; types are never guessed from values here"
            ) from None
        await catalog.create(name, fields, kept(asked, TABLE_KEYS))
        return
    if disposition == "WRITE_EMPTY" and state.rows:
        raise ReasonedError(409, f"Already Exists: Table {name.project}:{name.dataset}.{name.table}")
    if fields:
        await _widen(catalog, name, fields, state.labels)


async def _widen(catalog: Catalog, name: TableName, fields: list[dict[str, Any]], labels: Mapping[str, str]) -> None:
    try:
        await catalog.change(name, fields, json.loads(labels.get("resource", "{}")))
    except WarehouseError as error:
        raise ReasonedError(400, str(error)) from None


def _rows(
    content: bytes, kind: str, fields: Sequence[Mapping[str, Any]], asked: Mapping[str, Any]
) -> Iterator[tuple[int, Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReasonedError(400, "a file to load is not UTF-8") from None
    if kind == "CSV":
        yield from _csv_rows(text, fields, asked)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, RowError("all", "a line is not JSON")


def _csv_rows(text: str, fields: Sequence[Mapping[str, Any]], asked: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    delimiter = str(asked.get("fieldDelimiter") or ",")
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    if len(delimiter) != 1 or str(asked.get("quote", '"')) != '"':
        raise ReasonedError(501, "CSV must have a delimiter of one character, and quotation marks")
    if any(each.get("mode") == "REPEATED" or each["type"] == "RECORD" for each in fields):
        raise ReasonedError(400, "CSV cannot fill a table with repeated or nested columns")
    null = str(asked.get("nullMarker") or "")
    skipped = int(asked.get("skipLeadingRows") or 0)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if number <= skipped or not cells:
                continue
            if len(cells) != len(fields) and not (asked.get("allowJaggedRows") and len(cells) < len(fields)):
                yield number, RowError("all", "the number of values is not that of the columns")
                continue
            named = zip(fields, cells, strict=False)
            yield number, {field["name"]: None if _is_null(cell, null, field) else cell for field, cell in named}
    except csv.Error:
        raise ReasonedError(400, "a file to load is not CSV") from None


def _is_null(cell: str, null: str, field: Mapping[str, Any]) -> bool:
    """Whether a cell is NULL: an empty one is, but for a text where another marker of NULL was named."""
    return cell == null or (cell == "" and field["type"] != "STRING")
