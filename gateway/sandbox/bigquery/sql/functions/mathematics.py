"""Functions of numbers."""

from collections.abc import Sequence
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Form, Special, counted, form, no_over
from gateway.sandbox.bigquery.sql.numbers import LEAST, MOST, ZERO
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing, refusing
from gateway.sandbox.bigquery.sql.types import BOOL, COMPARABLE, FLOAT64, INT64
from gateway.sandbox.bigquery.sql.values import Value, as_type, common


def _float(function: str) -> Sequence[Form]:
    return [form("FLOAT64", f"{function}({{0}})", "FLOAT64", is_unchecked=True)]


def _wide(operator: str) -> Sequence[Form]:
    """Return a form for integers in which one that does not fit is NULL: it is worked out in 128 bits first."""
    wide = f"(CAST({{0}} AS HUGEINT) {operator} CAST({{1}} AS HUGEINT))"
    least, most = f"CAST('{LEAST}' AS HUGEINT)", f"CAST('{MOST}' AS HUGEINT)"
    return [
        form("INT64,INT64", f"(CASE WHEN {wide} BETWEEN {least} AND {most} THEN CAST({wide} AS BIGINT) END)", "INT64")
    ]


def _not_zero(sql: str) -> str:
    return f"(CASE WHEN {{1}} = 0 AND {{0}} IS NOT NULL THEN {ZERO} ELSE {sql} END)"


_MIDDLE = refusing("ROUND of a FLOAT64 that is nearly in the middle")
_POSITIVE = failing("a logarithm of a number that is not greater than 0")
_NEGATIVE = failing("a square root of a negative number")
FORMS: dict[str, Sequence[Form]] = {
    "ABS": [form("INT64", "abs({0})", "INT64"), form("FLOAT64", "abs({0})", "FLOAT64")],
    "SIGN": [form("INT64", "CAST(sign({0}) AS BIGINT)", "INT64")],
    "ROUND": [
        form("FLOAT64", "round({0})", "FLOAT64", is_unchecked=True),
        form(
            "FLOAT64,INT64",
            # Of a number that is nearly in the middle, the result depends on how it is worked out.
            "(CASE WHEN round({0}, CAST({1} AS INTEGER)) = round({0} * pow(10, {1})) / pow(10, {1}) OR {0} IS NULL"
            f" OR {{1}} IS NULL THEN round({{0}}, CAST({{1}} AS INTEGER)) ELSE {_MIDDLE} END)",
            "FLOAT64",
            is_unchecked=True,
        ),
    ],
    "TRUNC": _float("trunc"),
    "CEIL": _float("ceil"),
    "CEILING": _float("ceil"),
    "FLOOR": _float("floor"),
    "EXP": _float("exp"),
    "SQRT": [form("FLOAT64", f"(CASE WHEN {{0}} < 0 THEN {_NEGATIVE} ELSE sqrt({{0}}) END)", "FLOAT64")],
    "SAFE.SQRT": [form("FLOAT64", "(CASE WHEN {0} >= 0 THEN sqrt({0}) END)", "FLOAT64")],
    "LN": [form("FLOAT64", f"(CASE WHEN {{0}} <= 0 THEN {_POSITIVE} ELSE ln({{0}}) END)", "FLOAT64")],
    "SAFE.LN": [form("FLOAT64", "(CASE WHEN {0} > 0 THEN ln({0}) END)", "FLOAT64")],
    "LOG": [form("FLOAT64", f"(CASE WHEN {{0}} <= 0 THEN {_POSITIVE} ELSE ln({{0}}) END)", "FLOAT64")],
    "LOG10": [form("FLOAT64", f"(CASE WHEN {{0}} <= 0 THEN {_POSITIVE} ELSE log10({{0}}) END)", "FLOAT64")],
    "POW": [form("FLOAT64,FLOAT64", "pow({0}, {1})", "FLOAT64", is_unchecked=True)],
    "POWER": [form("FLOAT64,FLOAT64", "pow({0}, {1})", "FLOAT64", is_unchecked=True)],
    "MOD": [form("INT64,INT64", _not_zero("{0} % {1}"), "INT64")],
    "SAFE.MOD": [form("INT64,INT64", "(CASE WHEN {1} <> 0 THEN {0} % {1} END)", "INT64")],
    "DIV": [form("INT64,INT64", _not_zero("{0} // {1}"), "INT64")],
    "SAFE.DIV": [form("INT64,INT64", "(CASE WHEN {1} <> 0 THEN {0} // {1} END)", "INT64")],
    "SAFE_ADD": _wide("+"),
    "SAFE_SUBTRACT": _wide("-"),
    "SAFE_MULTIPLY": _wide("*"),
    "SAFE_NEGATE": [form("INT64", f"(CASE WHEN {{0}} <> CAST('{LEAST}' AS BIGINT) THEN -{{0}} END)", "INT64")],
    "SAFE_DIVIDE": [form("FLOAT64,FLOAT64", "(CASE WHEN {1} <> 0 THEN {0} / {1} END)", "FLOAT64", is_unchecked=True)],
    "IEEE_DIVIDE": [
        form(
            "FLOAT64,FLOAT64",
            "(CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN {1} = 0 AND ({0} = 0 OR isnan({0})) THEN"
            " CAST('nan' AS DOUBLE) ELSE {0} / {1} END)",
            "FLOAT64",
        )
    ],
    "IS_NAN": [form("FLOAT64", "isnan({0})", "BOOL")],
    "IS_INF": [form("FLOAT64", "isinf({0})", "BOOL")],
}


def _extreme(function: str) -> Special:
    """GREATEST and LEAST are NULL where an argument is; DuckDB's leave it out."""

    def found(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(function, over)
        counted(function, nodes, 1, 50)
        values = common([expressions.value(each) for each in nodes], function)
        kind = values[0].type
        if kind.kind not in COMPARABLE or kind == BOOL:
            raise QueryRefused(f"the function {function} of {kind}")
        nulls = " OR ".join(f"{each.sql} IS NULL" for each in values)
        call = f"{function.lower()}({', '.join(each.sql for each in values)})"
        if kind == FLOAT64:
            nans = " OR ".join(f"isnan({each.sql})" for each in values)
            call = f"CASE WHEN {nans} THEN {refusing(f'{function} of NaN')} ELSE {call} END"
        return Value(f"(CASE WHEN {nulls} THEN NULL ELSE {call} END)", kind)

    return found


def _logarithm(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("LOG", over)
    counted("LOG", nodes, 1, 2)
    values = [as_type(expressions.value(each), FLOAT64) for each in nodes]
    if any(each is None for each in values) or len(values) == 2:
        raise QueryRefused("the function LOG with a base, or of something that is no number,")
    sql = values[0].sql if values[0] else ""
    return Value(f"(CASE WHEN {sql} <= 0 THEN {_POSITIVE} ELSE ln({sql}) END)", FLOAT64)


SPECIAL: dict[str, Special] = {"GREATEST": _extreme("GREATEST"), "LEAST": _extreme("LEAST"), "LOG": _logarithm}
__all__ = ["FORMS", "INT64", "SPECIAL"]
