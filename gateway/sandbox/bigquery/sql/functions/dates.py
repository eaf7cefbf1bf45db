"""Functions of dates, times and time zones. Weeks begin on Sunday, and a DATE stays one; DuckDB sees both otherwise."""

from collections.abc import Sequence
from typing import Any

from gateway.sandbox.bigquery.sql.casts import cast
from gateway.sandbox.bigquery.sql.compiler import Compiler
from gateway.sandbox.bigquery.sql.functions.forms import Form, Special, counted, form, no_over, word
from gateway.sandbox.bigquery.sql.functions.zones import from_zone, in_zone, zone_of
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import DATE, DATETIME, INT64, TIMESTAMP, array
from gateway.sandbox.bigquery.sql.values import Value, as_type

WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
}
STEPS = {"WEEK": "7 DAY", "MONTH": "1 MONTH", "QUARTER": "3 MONTH", "YEAR": "1 YEAR", "DAY": "1 DAY"}
PARTS = {
    "YEAR": "year({0})",
    "QUARTER": "quarter({0})",
    "MONTH": "month({0})",
    "DAY": "day({0})",
    "DAYOFWEEK": "(dayofweek({0}) + 1)",
    "DAYOFYEAR": "dayofyear({0})",
    "ISOWEEK": "week({0})",
    "ISOYEAR": "isoyear({0})",
    "WEEK": "CAST(strftime({0}, '%U') AS BIGINT)",
    "WEEK(SUNDAY)": "CAST(strftime({0}, '%U') AS BIGINT)",
    "WEEK(MONDAY)": "CAST(strftime({0}, '%W') AS BIGINT)",
}
CLOCK = {
    "HOUR": "hour({0})",
    "MINUTE": "minute({0})",
    "SECOND": "second({0})",
    "MILLISECOND": "(millisecond({0}) % 1000)",
    "MICROSECOND": "(microsecond({0}) % 1000000)",
}
FORMS: dict[str, Sequence[Form]] = {
    "UNIX_SECONDS": [form("TIMESTAMP", "CAST(floor(epoch_us({0}) / 1000000.0) AS BIGINT)", "INT64")],
    "UNIX_MILLIS": [form("TIMESTAMP", "CAST(floor(epoch_us({0}) / 1000.0) AS BIGINT)", "INT64")],
    "UNIX_MICROS": [form("TIMESTAMP", "epoch_us({0})", "INT64")],
    "UNIX_DATE": [form("DATE", "({0} - DATE '1970-01-01')", "INT64")],
    "DATE_FROM_UNIX_DATE": [form("INT64", "(DATE '1970-01-01' + CAST({0} AS INTEGER))", "DATE")],
    "TIMESTAMP_SECONDS": [form("INT64", "make_timestamptz({0} * 1000000)", "TIMESTAMP")],
    "TIMESTAMP_MILLIS": [form("INT64", "make_timestamptz({0} * 1000)", "TIMESTAMP")],
    "TIMESTAMP_MICROS": [form("INT64", "make_timestamptz({0})", "TIMESTAMP")],
    "CURRENT_TIMESTAMP": [form("", "now()", "TIMESTAMP")],
}


def _local(value: Value, zone: str, construct: str) -> str:
    """Return a DATE, DATETIME or TIMESTAMP as DuckDB's TIMESTAMP or DATE."""
    if value.kind == "TIMESTAMP":
        return in_zone(value.sql, zone)
    if value.kind in {"DATE", "DATETIME"} and zone == "'UTC'":
        return value.sql
    raise QueryRefused(f"{construct} of {value.kind}")


def _extract(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("EXTRACT", over)
    part, source, zone = word(nodes[0]), nodes[1], "'UTC'"
    if type(source).__name__ == "AtTimeZone":
        source, zone = source.this, zone_of(source.args["zone"])
    value = expressions.value(source)
    if value.kind == "TIME" and part in CLOCK:
        return Value(f"CAST({CLOCK[part].format(value.sql)} AS BIGINT)", INT64)
    local = _local(value, zone, "EXTRACT")
    if part == "DATE" and value.kind != "DATE":
        return Value(f"CAST({local} AS DATE)", DATE)
    known = PARTS if value.kind == "DATE" else {**PARTS, **CLOCK}
    if part not in known:
        raise QueryRefused(f"EXTRACT of {part} of {value.kind}")
    return Value(f"CAST({known[part].format(local)} AS BIGINT)", INT64)


def truncated(local: str, part: str) -> str:
    """Return the beginning of a part of a DATE or TIMESTAMP of DuckDB; the type may be another one."""
    first = week_start(part)
    if first is not None:
        day = f"CAST({local} AS DATE)"
        return f"({day} - CAST((dayofweek({day}) - {first} + 7) % 7 AS INTEGER))"
    if part not in {"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"}:
        raise QueryRefused(f"a TRUNC to {part}")
    return f"date_trunc('{part.lower()}', {local})"


def week_start(part: str) -> int | None:
    """Return the number of the day with which a week begins, Sunday being 0; None if *part* is no week."""
    if part == "WEEK":
        return 0
    if part == "ISOWEEK":
        return 1
    day = part.removeprefix("WEEK(").removesuffix(")")
    return WEEKDAYS.index(day) if part.startswith("WEEK(") and day in WEEKDAYS else None


def _trunc(name: str, kind: str) -> Special:
    def trunc(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 2, 3 if kind == "TIMESTAMP" else 2)
        value = expressions.value(nodes[0])
        value = as_type(value, TYPES[kind]) or value
        if value.kind != kind:
            raise QueryRefused(f"the function {name} of {value.kind}")
        part, zone = word(nodes[1]), zone_of(nodes[2]) if len(nodes) == 3 else "'UTC'"
        if kind == "DATE" and part in MICROSECONDS and part != "DAY":
            raise QueryRefused(f"the function {name} to {part}")
        found = truncated(_local(value, zone, name), part)
        if kind == "DATE":
            return Value(f"CAST({found} AS DATE)", DATE)
        found = f"CAST({found} AS TIMESTAMP)"
        return Value(from_zone(found, zone) if kind == "TIMESTAMP" else found, TYPES[kind])

    return trunc


TYPES = {"DATE": DATE, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP}


def _moved(name: str, kind: str, sign: str) -> Special:
    def moved(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 2, 2)
        value = expressions.value(nodes[0])
        value = as_type(value, TYPES[kind]) or value
        if value.kind != kind:
            raise QueryRefused(f"the function {name} of {value.kind}")
        count, part = _interval(expressions, nodes[1])
        if part in STEPS and (kind != "TIMESTAMP" or part == "DAY"):
            step = f"({count}) * INTERVAL {STEPS[part]}"
        elif part in MICROSECONDS and kind != "DATE":
            step = f"to_microseconds(({count}) * {MICROSECONDS[part]})"
        else:
            raise QueryRefused(f"the function {name} with an INTERVAL of {part}")
        return Value(f"CAST(({value.sql} {sign} {step}) AS {value.type.duckdb})", value.type)

    return moved


def _interval(expressions: Compiler, node: Any) -> tuple[str, str]:
    """Return how many of which part an INTERVAL has."""
    if type(node).__name__ != "Interval" or node.args.get("unit") is None:
        raise QueryRefused("something else than an INTERVAL at this place")
    part, inner = word(node.args["unit"]), node.this
    if type(inner).__name__ == "Literal" and inner.this.lstrip("-").isdecimal():
        return f"{int(inner.this)}::BIGINT", part
    count = expressions.value(inner)
    if count.kind != "INT64":
        raise QueryRefused("an INTERVAL of something that is no INT64")
    return count.sql, part


def _difference(name: str, kind: str) -> Special:
    def difference(expressions: Compiler, nodes: list[Any], over: str) -> Value:
        no_over(name, over)
        counted(name, nodes, 3, 3)
        values = [expressions.value(each) for each in nodes[:2]]
        late, early = (as_type(each, TYPES[kind]) or each for each in values)
        part = word(nodes[2])
        if {late.kind, early.kind} != {kind}:
            raise QueryRefused(f"the function {name} of {late.kind} and {early.kind}")
        if kind == "TIMESTAMP":
            if part not in MICROSECONDS:
                raise QueryRefused(f"the function {name} in {part}")
            return Value(f"((epoch_us({late.sql}) - epoch_us({early.sql})) // {MICROSECONDS[part]})", INT64)
        return Value(_boundaries(late.sql, early.sql, part, kind, name), INT64)

    return difference


def _boundaries(late: str, early: str, part: str, kind: str, name: str) -> str:
    """Return how many beginnings of the part are between two days or local times."""
    first = week_start(part)
    if first is not None:  # 1970-01-01 was a Thursday
        weeks = (
            f"floor((CAST({each} AS DATE) - DATE '1970-01-01' + {(4 - first) % 7}) / 7.0)" for each in (late, early)
        )
        return f"CAST({' - '.join(weeks)} AS BIGINT)"
    if part in {"YEAR", "QUARTER", "MONTH", "DAY"} or (kind == "DATETIME" and part in MICROSECONDS):
        return f"date_diff('{part.lower()}', {early}, {late})"
    raise QueryRefused(f"the function {name} in {part}")


def _date(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("DATE", over)
    counted("DATE", nodes, 1, 3)
    values = [expressions.value(each) for each in nodes[: 1 if len(nodes) == 2 else 3]]
    if len(nodes) == 3 and {each.kind for each in values} == {"INT64"}:
        return Value(f"make_date({', '.join(each.sql for each in values)})", DATE)
    value = values[0]
    if len(nodes) == 2 and value.kind == "TIMESTAMP":
        return Value(f"CAST({in_zone(value.sql, zone_of(nodes[1]))} AS DATE)", DATE)
    if len(nodes) == 1 and (value.literal is not None or value.kind in {"DATE", "DATETIME", "TIMESTAMP"}):
        return cast(value, DATE, safe=False)
    raise QueryRefused("the function DATE of these types")


def _datetime(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("DATETIME", over)
    counted("DATETIME", nodes, 1, 2)
    value = expressions.value(nodes[0])
    if len(nodes) == 2 and value.kind == "TIMESTAMP":
        return Value(in_zone(value.sql, zone_of(nodes[1])), DATETIME)
    if len(nodes) == 1 and (value.literal is not None or value.kind in {"DATE", "DATETIME", "TIMESTAMP"}):
        return cast(value, DATETIME, safe=False)
    raise QueryRefused("the function DATETIME of these types")


def _timestamp(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("TIMESTAMP", over)
    counted("TIMESTAMP", nodes, 1, 2)
    value = expressions.value(nodes[0])
    if len(nodes) == 2:
        local = cast(value, DATETIME, safe=False) if value.literal or value.kind in {"DATE", "DATETIME"} else None
        if local is None:
            raise QueryRefused("the function TIMESTAMP of these types")
        return Value(from_zone(local.sql, zone_of(nodes[1])), TIMESTAMP)
    if value.literal is not None or value.kind in {"DATE", "DATETIME", "TIMESTAMP"}:
        return cast(value, TIMESTAMP, safe=False)
    raise QueryRefused("the function TIMESTAMP of these types")


def _current_date(_: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("CURRENT_DATE", over)
    counted("CURRENT_DATE", nodes, 0, 1)
    zone = zone_of(nodes[0]) if nodes else "'UTC'"
    return Value(f"CAST({in_zone('now()', zone)} AS DATE)", DATE)


def _last_day(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("LAST_DAY", over)
    counted("LAST_DAY", nodes, 1, 2)
    value = expressions.value(nodes[0])
    if value.kind != "DATE" or (len(nodes) == 2 and word(nodes[1]) != "MONTH"):
        raise QueryRefused("the function LAST_DAY of something else than a month of a DATE")
    return Value(f"last_day({value.sql})", DATE)


def _date_array(expressions: Compiler, nodes: list[Any], over: str) -> Value:
    no_over("GENERATE_DATE_ARRAY", over)
    counted("GENERATE_DATE_ARRAY", nodes, 2, 3)
    first, last = (as_type(expressions.value(each), DATE) for each in nodes[:2])
    count, part = _interval(expressions, nodes[2]) if len(nodes) == 3 else ("1", "DAY")
    if first is None or last is None or part not in {"DAY", "WEEK"} or not count.removesuffix("::BIGINT").isdecimal():
        raise QueryRefused("the function GENERATE_DATE_ARRAY with this step, or of something else than DATE,")
    days = int(count.removesuffix("::BIGINT")) * (7 if part == "WEEK" else 1)
    if not days:
        raise QueryRefused("the function GENERATE_DATE_ARRAY with a step of 0")
    series = f"generate_series({first.sql}, {last.sql}, INTERVAL {days} DAY)"
    return Value(f"CAST({series} AS DATE[])", array(DATE))


SPECIAL: dict[str, Special] = {
    "EXTRACT": _extract,
    **{f"{kind}_TRUNC": _trunc(f"{kind}_TRUNC", kind) for kind in TYPES},
    **{f"{kind}_ADD": _moved(f"{kind}_ADD", kind, "+") for kind in TYPES},
    **{f"{kind}_SUB": _moved(f"{kind}_SUB", kind, "-") for kind in TYPES},
    **{f"{kind}_DIFF": _difference(f"{kind}_DIFF", kind) for kind in TYPES},
    "DATE": _date,
    "DATETIME": _datetime,
    "TIMESTAMP": _timestamp,
    "CURRENT_DATE": _current_date,
    "LAST_DAY": _last_day,
    "GENERATE_DATE_ARRAY": _date_array,
}
