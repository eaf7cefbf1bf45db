"""CAST and SAFE_CAST: from which type to which, and what a text must look like; DuckDB takes more than BigQuery."""

from typing import Any

from gateway.sandbox.bigquery.sql import moments
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing, refusing
from gateway.sandbox.bigquery.sql.types import Type, array, text
from gateway.sandbox.bigquery.sql.values import Value, as_type

NAMES = {
    "BIGINT": "INT64",
    "INT": "INT64",
    "DOUBLE": "FLOAT64",
    "DECIMAL": "NUMERIC",
    "BOOLEAN": "BOOL",
    "TEXT": "STRING",
    "VARCHAR": "STRING",
    "BINARY": "BYTES",
    "VARBINARY": "BYTES",
    "DATE": "DATE",
    "TIME": "TIME",
    "DATETIME": "DATETIME",
    "TIMESTAMP": "DATETIME",  # so does sqlglot call BigQuery's DATETIME
    "TIMESTAMPTZ": "TIMESTAMP",
    "JSON": "JSON",
}
# What every text of the type looks like that means the same in both; what may be meant; the rest is none.
STRICT = {
    "INT64": (r"[+-]?[0-9]{1,19}", r"\s*[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)\s*"),
    "FLOAT64": (
        r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?",
        r"\s*[+-]?([0-9.]+[eE]?[+-]?[0-9]*|(?i:nan|inf|infinity)|0[xX].*)\s*",
    ),
    "NUMERIC": (r"[+-]?[0-9]{1,29}(\.[0-9]{1,9})?", r"\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*"),
    "DATE": (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", r"\s*[0-9]+-[0-9]+-[0-9]+.*"),
    "DATETIME": (
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?",
        r"\s*[0-9]+-[0-9]+-[0-9]+.*",
    ),
    "TIMESTAMP": (
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?",
        r"\s*[0-9]+-[0-9]+-[0-9]+.*",
    ),
    "TIME": (r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?", r"\s*[0-9]+:.*"),
}
PLAIN = {
    ("INT64", "STRING"): "CAST({0} AS VARCHAR)",
    ("INT64", "BOOL"): "({0} <> 0)",
    ("BOOL", "INT64"): "CAST({0} AS BIGINT)",
    ("BOOL", "STRING"): "CAST({0} AS VARCHAR)",
    ("FLOAT64", "INT64"): "CAST(round({0}) AS BIGINT)",
    ("NUMERIC", "INT64"): "CAST({0} AS BIGINT)",
    ("NUMERIC", "STRING"): "regexp_replace(CAST({0} AS VARCHAR), '\\.?0+$', '')",
    ("STRING", "BYTES"): "encode({0})",
    ("DATE", "STRING"): "strftime({0}, '%Y-%m-%d')",
    ("DATE", "DATETIME"): "CAST({0} AS TIMESTAMP)",
    ("DATE", "TIMESTAMP"): "timezone('UTC', CAST({0} AS TIMESTAMP))",
    ("DATETIME", "DATE"): "CAST({0} AS DATE)",
    ("DATETIME", "TIME"): "CAST({0} AS TIME)",
    ("DATETIME", "TIMESTAMP"): "timezone('UTC', {0})",
    ("TIMESTAMP", "DATE"): "CAST(timezone('UTC', {0}) AS DATE)",
    ("TIMESTAMP", "TIME"): "CAST(timezone('UTC', {0}) AS TIME)",
    ("TIMESTAMP", "DATETIME"): "timezone('UTC', {0})",
}
TEXTS = {"DATETIME": ("{0}", ""), "TIMESTAMP": ("timezone('UTC', {0})", " || '+00'")}


def type_of(node: Any) -> Type:
    """Return the type that a CAST names."""
    name = getattr(node.this, "value", str(node.this))
    if name == "ARRAY" and len(node.expressions) == 1:
        return array(type_of(node.expressions[0]))
    if name not in NAMES or node.expressions:
        raise QueryRefused(f"CAST to the type {name}")
    return Type(NAMES[name])


def cast(value: Value, wanted: Type, *, safe: bool) -> Value:
    """Return *value* as another type; with *safe*, NULL where it has none."""
    if value.literal is not None and wanted.kind in moments.READERS and not safe:
        return Value(moments.READERS[wanted.kind](value.literal), wanted)
    if value.type == wanted or value.kind == "NULL":
        return Value((as_type(value, wanted) or value).sql, wanted)
    if value.kind == "STRING":
        return _from_text(value.sql, wanted, safe=safe)
    if wanted.kind == "STRING" and value.kind in TEXTS:
        return Value(_moment_text(value), wanted)
    plain = PLAIN.get((value.kind, wanted.kind))
    if plain is not None:
        if safe and (value.kind, wanted.kind) == ("FLOAT64", "INT64"):
            raise QueryRefused("SAFE_CAST of FLOAT64 to INT64")
        return Value(plain.format(value.sql), wanted)
    widened = (
        None if value.kind == "ARRAY" and value.type != wanted and value.type.element is None else _same(value, wanted)
    )
    if widened is not None:
        return widened
    raise QueryRefused(f"CAST of {value.type} to {wanted}")


def _same(value: Value, wanted: Type) -> Value | None:
    if value.kind == "NUMERIC" and wanted.kind == "FLOAT64":
        return Value(f"CAST({value.sql} AS DOUBLE)", wanted)
    return as_type(value, wanted) if value.literal is None else None


def _from_text(sql: str, wanted: Type, *, safe: bool) -> Value:
    bad = "NULL" if safe else failing(f"a STRING is no {wanted}")
    if wanted.kind == "JSON":
        raise QueryRefused("CAST of STRING to JSON", "is not possible; use PARSE_JSON")
    if wanted.kind == "BOOL":
        low = f"lower({sql})"
        return Value(
            f"(CASE WHEN {low} = 'true' THEN TRUE WHEN {low} = 'false' THEN FALSE WHEN {sql} IS NULL THEN NULL"
            f" WHEN trim({low}, {text(SPACES)}) IN ('true', 'false') THEN {_unsure('BOOL')} ELSE {bad} END)",
            wanted,
        )
    if wanted.kind == "BYTES":
        return Value(f"encode({sql})", wanted)
    if wanted.kind not in STRICT:
        raise QueryRefused(f"CAST of STRING to {wanted}")
    strict, possible = STRICT[wanted.kind]
    converted = "TRY_CAST" if safe else "CAST"
    return Value(
        f"(CASE WHEN {sql} IS NULL THEN NULL WHEN regexp_full_match({sql}, {text(strict)})"
        f" THEN {converted}({sql} AS {wanted.duckdb})"
        f" WHEN regexp_full_match({sql}, {text(possible)}, 's') THEN {_unsure(wanted.kind)} ELSE {bad} END)",
        wanted,
    )


SPACES = " \t\n\r\f\v"


def _unsure(kind: str) -> str:
    return refusing(f"a STRING of a form that may or may not be a {kind} in BigQuery")


def _moment_text(value: Value) -> str:
    """Return a moment as a text: without a fraction if it is 0, otherwise with 3 or 6 digits."""
    form, zone = TEXTS[value.kind]
    local = form.format(value.sql)
    whole, micros = "'%Y-%m-%d %H:%M:%S'", f"(epoch_us({value.sql}) % 1000000)"
    return (
        f"(CASE WHEN {micros} = 0 THEN strftime({local}, {whole}) WHEN {value.sql} IS NULL THEN NULL ELSE"
        f" {refusing('a moment with a fraction of a second as a text')} END{zone})"
    )
