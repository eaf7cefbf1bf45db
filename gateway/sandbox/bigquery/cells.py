"""Rows of a result as BigQuery's JSON: ``{"f": [{"v": …}]}``, every scalar a text."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite, isnan
from typing import Any

from gateway.sandbox.bigquery.sql.types import Type
from gateway.sandbox.reasoned_error import ReasonedError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode_row(row: Sequence[Any], types: Sequence[Type], *, whole_timestamps: bool) -> dict[str, Any]:
    """Return a row; with *whole_timestamps*, TIMESTAMP is a number of microseconds."""
    cells = zip(row, types, strict=True)
    return {"f": [{"v": encode(value, kind, whole_timestamps=whole_timestamps)} for value, kind in cells]}


def encode(value: Any, kind: Type, *, whole_timestamps: bool) -> Any:
    """Return the content of a cell."""
    if kind.element is not None:
        items = value or []
        if any(each is None for each in items):
            raise ReasonedError(400, "Array cannot have a null element in the result", "invalidQuery")
        return [{"v": encode(each, kind.element, whole_timestamps=whole_timestamps)} for each in items]
    if value is None:
        return None
    if kind.kind == "STRUCT":
        values = [value[name] for name, _ in kind.fields]
        return encode_row(values, [each for _, each in kind.fields], whole_timestamps=whole_timestamps)
    if kind.kind == "TIMESTAMP":
        return _timestamp(value, whole=whole_timestamps)
    return _scalar(value, kind.kind)


def _scalar(value: Any, kind: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            text = f"{value:f}"
            return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
        case str() if kind == "JSON":
            return json.dumps(json.loads(value), ensure_ascii=False, separators=(",", ":"))
        case str() | int():
            if kind in {"DATE", "DATETIME", "TIME"}:  # DuckDB has years that Python and BigQuery do not have
                raise ReasonedError(400, f"a {kind} of the result is out of range", "invalidQuery")
            return str(value)
    raise ReasonedError(500, f"a value of type {kind} cannot be told", "internalError")


def _float(value: float) -> str:
    if isnan(value):
        return "NaN"
    return repr(value) if isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def _timestamp(value: Any, *, whole: bool) -> str:
    if not isinstance(value, datetime):
        raise ReasonedError(400, "a TIMESTAMP of the result is out of range", "invalidQuery")
    away = value - EPOCH
    micros = (away.days * 86400 + away.seconds) * 1_000_000 + away.microseconds
    if whole:
        return str(micros)
    seconds, rest = divmod(micros, 1_000_000)
    return f"{seconds}.{rest:06d}".rstrip("0") + ("0" if not rest else "") if micros >= 0 else repr(micros / 1e6)
