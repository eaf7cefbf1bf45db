"""Rows that come in as JSON become rows of a table; a value that does not fit its column is told by its place only."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.sandbox.bigquery.sql import moments
from gateway.sandbox.bigquery.sql.refusing import QueryRefused


class RowError(ValueError):
    """A row is not valid; the text names the column."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"{why}, column {column}")
        self.column = column


def read_row(
    row: object, fields: Sequence[Mapping[str, Any]], *, ignore_unknown: bool, above: str = ""
) -> dict[str, Any]:
    """Return a row, or a RECORD in one; raises RowError."""
    if not isinstance(row, dict):
        raise RowError(above or "all", "a row must be an object")
    known = {each["name"].lower(): each for each in fields}
    found: dict[str, Any] = {}
    for key, value in row.items():
        field = known.get(key.lower())
        if field is None:
            if ignore_unknown:
                continue
            raise RowError(above + str(key), "no such field")
        found[field["name"]] = _read_cell(value, field, above, ignore_unknown=ignore_unknown)
    for field in fields:
        if field.get("mode") == "REQUIRED" and found.get(field["name"]) is None:
            raise RowError(above + field["name"], "a required value is missing")
    return found


def _read_cell(value: object, field: Mapping[str, Any], above: str, *, ignore_unknown: bool) -> Any:
    name = above + field["name"]
    if field.get("mode") == "REPEATED":
        if value is None:
            return []
        if not isinstance(value, list) or any(each is None for each in value):
            raise RowError(name, "a repeated field needs a list without null")
        return [_read_one(each, field, name, ignore_unknown=ignore_unknown) for each in value]
    return None if value is None else _read_one(value, field, name, ignore_unknown=ignore_unknown)


def _read_one(value: object, field: Mapping[str, Any], name: str, *, ignore_unknown: bool) -> Any:
    kind = field["type"]
    if kind == "RECORD":
        return read_row(value, field["fields"], ignore_unknown=ignore_unknown, above=f"{name}.")
    try:
        return READERS[kind](value)
    except (ValueError, TypeError, OverflowError, QueryRefused, RecursionError):
        raise RowError(name, f"a value is no {kind}") from None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int)):
        raise TypeError
    return str(value)


def _integer(value: object) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    found = int(value)  # type: ignore[call-overload]
    if not -(2**63) <= found < 2**63:
        raise ValueError
    return int(found)


def _float(value: object) -> float | str:
    if isinstance(value, bool):
        raise TypeError
    found = float(value)  # type: ignore[arg-type]
    return found if abs(found) < float("inf") else str(found)


def _numeric(value: object) -> str:
    text = str(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[+-]?\d{1,29}(\.\d{1,9})?", text):
        raise ValueError
    return text


def _boolean(value: object) -> bool:
    found = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(str(value).lower())
    if found is None:
        raise ValueError
    return found


def _octets(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    try:
        octets = base64.b64decode(value.translate({0x2D: "+", 0x5F: "/"}), validate=True)
    except binascii.Error:
        raise ValueError from None
    return "".join(f"\\x{each:02X}" for each in octets)


def _moment(kind: str) -> Any:
    def read(value: object) -> str:
        if kind == "TIMESTAMP" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).isoformat(" ")
        if not isinstance(value, str):
            raise TypeError
        text = re.sub(r" ?UTC\Z", "Z", value) if kind == "TIMESTAMP" else value
        return moments.READERS[kind](text).partition(" ")[2].strip("'")

    return read


def _json(value: object) -> Any:
    return json.loads(value) if isinstance(value, str) else value


READERS: Mapping[str, Any] = {
    "STRING": _text,
    "INTEGER": _integer,
    "FLOAT": _float,
    "NUMERIC": _numeric,
    "BOOLEAN": _boolean,
    "BYTES": _octets,
    "JSON": _json,
    **{kind: _moment(kind) for kind in moments.READERS},
}
