"""What BigQuery's REST API is asked, and what its replies mean [bigquery.googleapis.com/$discovery/rest?version=v2]."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.rest.http.reply import Reply
from adapters.tables.columns import Column, column_of, merged
from adapters.tables.encoder import ENCODER
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

HEADERS = {"Content-Type": "application/json"}
MOST_ROW = 9 * 1024 * 1024
"""Octets of one row; BigQuery takes requests of 10 MB."""
REASONS = frozenset(
    [
        "accessDenied",
        "backendError",
        "internalError",
        "invalid",
        "notFound",
        "quotaExceeded",
        "rateLimitExceeded",
        "stopped",
        "tableUnavailable",
        "timeout",
    ]
)
"""The words of BigQuery that are repeated; its messages may quote values."""
LATER = frozenset(
    ("backendError", "internalError", "quotaExceeded", "rateLimitExceeded", "timeout", "tableUnavailable")
)
NOT_YET = 10.0
"""Seconds until a table that was just made, or changed, takes rows."""


def new_table(dataset_url: str, name: str, columns: Sequence[Column]) -> bytes:
    """Return the body that makes a table."""
    *_, project, _, dataset = dataset_url.rstrip("/").split("/")
    reference = {"projectId": project, "datasetId": dataset, "tableId": name}
    return json.dumps({"tableReference": reference, **schema(columns)}).encode()


def schema(columns: Sequence[Column]) -> dict[str, Any]:
    """Return the part of a table that has its columns."""
    return {"schema": {"fields": [each.as_json() for each in columns]}}


def columns_in(reply: Reply) -> tuple[Column, ...]:
    """Return the columns of a table that BigQuery has told; raises ValueError if it has told none."""
    found = json.loads(reply.body)
    fields = found.get("schema", {}).get("fields", []) if isinstance(found, dict) else None
    if not isinstance(fields, list):
        raise ValueError("no fields")
    return merged((), map(column_of, fields))


def rows_body(rows: Sequence[tuple[str, Mapping[str, Any]]], columns: Sequence[Column]) -> bytes:
    """Return the body of ``insertAll``; each row has an ID, by which BigQuery knows it again for about a minute."""
    return ENCODER.encode({"rows": [{"insertId": name, "json": _row(row, columns)} for name, row in rows]})


def _row(row: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, Any]:
    """Return a row as ``insertAll`` takes it: a column of type JSON as text, and no NULL in the place of a list."""
    kinds = {each.name: each for each in columns}
    return dict(_cells(row, kinds))


def _cells(row: Mapping[str, Any], kinds: Mapping[str, Column]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        column = kinds[name]
        if value is None:
            continue
        if column.type == "JSON":
            yield name, ENCODER.encode(value).decode()
        elif column.type == "RECORD":
            inner = {each.name: each for each in column.fields}
            values = value if column.is_repeated else [value]
            found = [dict(_cells(each, inner)) for each in values]
            yield name, found if column.is_repeated else found[0]
        elif column.type == "INTEGER":
            yield name, [*map(_integer, value)] if column.is_repeated else _integer(value)
        else:
            yield name, value


def _integer(value: Any) -> Any:
    """Return a number that JSON cannot be relied upon to keep as text, as BigQuery asks for."""
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def failure(reply: Reply, what: str) -> Outcome:
    """Return what a reply means that is no success."""
    word = _reason(reply)
    told = f"BigQuery: {what}: {reply.status}{f' {word}' if word else ''}"
    if reply.status in {400, 413} and word not in LATER:
        return Refused(told)
    return Unavailable(told, retry_after=reply.retry_after)


def _reason(reply: Reply) -> str:
    try:
        errors = json.loads(reply.body)["error"]["errors"]
        word = errors[0]["reason"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return word if word in REASONS else ""


def inserted(reply: Reply, count: int) -> list[Outcome | None]:
    """Return what became of each row of a request; None for one that was not looked at because another was wrong."""
    if reply.status == 404:
        return [Unavailable("BigQuery: the table does not take rows yet: 404", retry_after=NOT_YET)] * count
    if not 200 <= reply.status < 300:
        return [failure(reply, "the rows are not inserted")] * count
    try:
        errors = json.loads(reply.body).get("insertErrors", [])
        wrong = {int(each["index"]): {str(one.get("reason", "")) for one in each["errors"]} for each in errors}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [Unavailable("BigQuery: the reply cannot be read", maybe_stored=True)] * count
    return [_of_row(wrong[number]) if number in wrong else Stored() for number in range(count)]


def _of_row(reasons: set[str]) -> Outcome | None:
    if reasons <= {"stopped"}:
        return None
    if reasons & LATER:
        return Unavailable(f"BigQuery: the row is not inserted: {min(reasons & LATER)}")
    return Refused(f"BigQuery: the row is refused: {', '.join(sorted(reasons & REASONS)) or 'no known reason'}")
