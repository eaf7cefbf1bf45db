"""FORMAT_ and PARSE_ functions, for the elements of formats that mean the same in both."""

import re
from typing import Any

from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Special, counted, no_over
from gateway.sandbox.bigquery.sql.functions.zones import in_zone, zone_of
from gateway.sandbox.bigquery.sql.refusing import QueryRefused, refusing
from gateway.sandbox.bigquery.sql.types import DATE, DATETIME, STRING, TIMESTAMP, Type, text
from gateway.sandbox.bigquery.sql.values import Value, as_type

SHORT = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y"}
OF_DATE = {"%Y", "%m", "%d", "%j", "%y", "%B", "%b", "%A", "%a", "%%"}
OF_CLOCK = {"%H", "%M", "%S"}
DIGITS = {"%Y": r"\d{4}", "%m": r"\d{2}", "%d": r"\d{2}", "%H": r"\d{2}", "%M": r"\d{2}", "%S": r"\d{2}"}
KINDS = {"DATE": DATE, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP}


def _format(value: Value, known: set[str], name: str) -> str:
    if value.literal is None:
        raise QueryRefused(f"the function {name} with a format that is no literal")
    found = value.literal
    for short, long in SHORT.items():
        found = found.replace(short, long)
    unknown = set(re.findall(r"%.?", found)) - known
    if unknown:
        raise QueryRefused(f"the element {min(unknown)} in the format of {name}")
    return found


def _formatted(kind: Type) -> Special:
    name = f"FORMAT_{kind.kind}"

    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 2, 3 if kind == TIMESTAMP else 2)
        wanted = _format(expressions.value(nodes[0]), OF_DATE if kind == DATE else OF_DATE | OF_CLOCK, name)
        value = as_type(expressions.value(nodes[1]), kind)
        if value is None:
            raise QueryRefused(f"the function {name} of another type")
        zone = zone_of(nodes[2]) if len(nodes) == 3 else "'UTC'"
        local = in_zone(value.sql, zone) if kind == TIMESTAMP else value.sql
        early = refusing(f"{name} of a year before 1000")  # with zeroes before it, or without
        return Value(
            f"(CASE WHEN year({local}) < 1000 THEN {early} ELSE strftime({local}, {text(wanted)}) END)", STRING
        )

    return function


def _parsed(kind: Type, *, safe: bool) -> Special:
    name = f"PARSE_{kind.kind}"

    def function(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 2, 2)
        known = {"%Y", "%m", "%d"} | (set() if kind == DATE else OF_CLOCK)
        wanted = _format(expressions.value(nodes[0]), known, name)
        value = as_type(expressions.value(nodes[1]), STRING)
        if value is None or not {"%Y", "%m", "%d"} <= set(re.findall("%.", wanted)):
            raise QueryRefused(f"the function {name} with a format without year, month and day")
        if " " in wanted.replace("%d %H", ""):  # in BigQuery a space stands for any number of them
            raise QueryRefused(f"the function {name} with spaces in the format")
        pattern = "".join(DIGITS.get(part, re.escape(part)) for part in re.findall("%.|.", wanted))
        read = "try_strptime" if safe else "strptime"
        moment = f"{read}({value.sql}, {text(wanted)})"
        moment = f"timezone('UTC', {moment})" if kind == TIMESTAMP else f"CAST({moment} AS {kind.duckdb})"
        # BigQuery reads fewer digits and spaces as well; what it does with such a text is not guessed.
        unsure = refusing(f"{name} of a text that does not have all digits of the format")
        sql = value.sql
        none = f" WHEN NOT regexp_matches({sql}, '^\\s*[+-]?[0-9]') THEN NULL" if safe else ""
        return Value(
            f"(CASE WHEN {sql} IS NULL THEN NULL WHEN regexp_full_match({sql}, {text(pattern)}) THEN {moment}{none}"
            f" ELSE {unsure} END)",
            kind,
        )

    return function


SPECIAL: dict[str, Special] = {
    **{f"FORMAT_{name}": _formatted(kind) for name, kind in KINDS.items()},
    **{f"PARSE_{name}": _parsed(kind, safe=False) for name, kind in KINDS.items()},
    **{f"SAFE.PARSE_{name}": _parsed(kind, safe=True) for name, kind in KINDS.items()},
}
