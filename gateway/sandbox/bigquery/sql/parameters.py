"""Parameters of a query become literals with their types."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.sandbox.bigquery.sql.casts import cast
from gateway.sandbox.bigquery.sql.numbers import int_literal, number_literal
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import BOOL, NULL, STRING, Type, array, text
from gateway.sandbox.bigquery.sql.values import Value, as_type

MOMENTS = {"DATE", "TIME", "DATETIME", "TIMESTAMP"}


def read_parameters(asked: Mapping[str, Any]) -> Mapping[str, Value] | Sequence[Value]:
    """Return the values of ``queryParameters``: by name, or in their order."""
    given = asked.get("queryParameters") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise QueryRefused("queryParameters", "must be a list of parameters")
    values = [_value(each.get("parameterType"), each.get("parameterValue")) for each in given]
    if any(each.get("name") for each in given) or str(asked.get("parameterMode", "")).upper() == "NAMED":
        return {str(each.get("name", "")).lower(): value for each, value in zip(given, values, strict=True)}
    return values


def _value(kind: Any, value: Any) -> Value:
    name = str(kind.get("type", "")).upper() if isinstance(kind, dict) else ""
    value = value if isinstance(value, dict) else {}
    if name == "ARRAY":
        items = [_value(kind.get("arrayType"), each) for each in value.get("arrayValues") or []]
        element = _kind(kind.get("arrayType"))
        return Value(f"CAST([{', '.join(each.sql for each in items)}] AS {element.duckdb}[])", array(element))
    wanted = _kind(kind)
    given = value.get("value")
    if given is None:
        found = as_type(Value("NULL", NULL), wanted)
        assert found is not None  # noqa: S101  NULL fits everywhere
        return found
    return _scalar(str(given), wanted)


def _kind(kind: Any) -> Type:
    name = str(kind.get("type", "")).upper() if isinstance(kind, dict) else ""
    name = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}.get(name, name)
    if name not in {"INT64", "FLOAT64", "BOOL", "STRING", *MOMENTS}:
        raise QueryRefused(f"a parameter of the type {name or 'nothing'}")
    return Type(name)


def _scalar(given: str, wanted: Type) -> Value:
    if wanted.kind == "STRING":
        return Value(f"{text(given)}::VARCHAR", STRING)
    if wanted.kind == "BOOL" and given.lower() in {"true", "false"}:
        return Value(given.upper(), BOOL)
    if wanted.kind == "INT64" and given.removeprefix("-").isdecimal():
        return int_literal(int(given))
    if wanted.kind == "FLOAT64":
        found = as_type(number_literal(given), wanted)
        if found is not None:
            return found
    if wanted.kind in MOMENTS:
        literal = given.replace("T", " ") if wanted.kind in {"DATETIME", "TIMESTAMP"} else given
        return cast(Value(f"{text(literal)}::VARCHAR", STRING, literal=literal), wanted, safe=False)
    raise QueryRefused(f"a parameter that is no {wanted}")
