"""Rows as a table for people, as CSV, and as JSON."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from gateway.contract.tables import TableFacts
from gateway.telemetry.terminal import visible

WIDEST = 60
"""Most characters of a value in a table; the rest is cut off, which an ellipsis shows."""


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a table with aligned columns; NULL is empty."""
    texts = [[_short(_text(value)) for value in row] for row in rows]
    heads = [_short(visible(each)) for each in names]
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    for line in (heads, ["-" * width for width in widths], *texts):
        yield "  ".join(each.ljust(width) for each, width in zip(line, widths, strict=True)).rstrip()


def as_csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return CSV (RFC 4180) with a line of names; NULL is empty, lists and records are JSON."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows([["" if value is None else _plain(value) for value in row] for row in rows])
    return buffer.getvalue()


def as_json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield one JSON object for each row."""
    for row in rows:
        yield json.dumps(dict(zip(names, map(_jsonable, row), strict=True)), ensure_ascii=False)


def facts_table(facts: Sequence[TableFacts]) -> Iterator[str]:
    """Yield the lines of `hilum tables CONFIG list`."""
    rows = [(each.name, each.what, each.rows, each.segments, f"{each.octets / 1e6:.1f} MB") for each in facts]
    return as_table(("table", "rows are", "rows", "segments", "size"), rows)


def _text(value: Any) -> str:
    return "" if value is None else visible(_plain(value))


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _plain(value: Any) -> str:
    """Return a value as text."""
    found = _jsonable(value)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _jsonable(value: Any) -> Any:
    """Return a value as JSON has it: times in ISO 8601, decimals and octets as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
