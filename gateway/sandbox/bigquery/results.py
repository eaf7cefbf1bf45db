"""The rows of a result as rows that a table takes."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from gateway.sandbox.bigquery.sql.types import Type


def as_row(row: Sequence[Any], columns: Sequence[tuple[str, Type]]) -> dict[str, Any]:
    """Return a row with the names of its columns."""
    return {name: _value(value, kind) for value, (name, kind) in zip(row, columns, strict=True)}


def _value(value: Any, kind: Type) -> Any:
    if kind.element is not None:
        return [_value(each, kind.element) for each in value or []]
    if value is None:
        return None
    if kind.kind == "STRUCT":
        return {name: _value(value[name], each) for name, each in kind.fields}
    return _scalar(value, kind.kind)


def _scalar(value: Any, kind: str) -> Any:
    match value:
        case bytes() | bytearray():
            return "".join(f"\\x{each:02X}" for each in value)
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat(" ")
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case str() if kind == "JSON":
            return json.loads(value)
    return value
