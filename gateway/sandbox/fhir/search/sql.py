"""Fragments of SQL with their values, and the comparisons of one index row with one value of a search."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway.sandbox.fhir.outcome import bad_query
from gateway.sandbox.fhir.search.moments import Interval, interval, micros_now
from gateway.sandbox.fhir.search.rows import normalise

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_ESCAPED = re.compile(r"\\([,|$\\])")
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition; every value of the client is a placeholder."""

    text: str
    values: tuple[object, ...] = ()


NEVER, ALWAYS = Sql("0"), Sql("1")


def any_of(parts: list[Sql]) -> Sql:
    """Return the condition that one of *parts* holds."""
    return _joined(parts, " OR ") if parts else NEVER


def all_of(parts: list[Sql]) -> Sql:
    """Return the condition that all of *parts* hold."""
    return _joined(parts, " AND ") if parts else ALWAYS


def _joined(parts: list[Sql], word: str) -> Sql:
    return Sql(f"({word.join(part.text for part in parts)})", tuple(value for part in parts for value in part.values))


def marks(values: tuple[object, ...] | list[int] | list[str]) -> str:
    """Return as many placeholders as there are values."""
    return ", ".join("?" * len(values))


def split_values(text: str, separator: str = ",") -> list[str]:
    """Return the alternatives of a value; a separator after a backslash is part of a value (R4 3.1.1.4.5)."""
    parts = re.split(rf"((?:[^\\{re.escape(separator)}]|\\.)*)", text)[1::2]
    return [part for part in parts if part] or [""]


def unescaped(text: str) -> str:
    """Return a value without the backslashes before reserved characters."""
    return _ESCAPED.sub(r"\1", text)


def token_match(text: str, *, ignore_system: bool = False) -> Sql:
    """Return the comparison with ``code``, ``system|code``, ``|code`` or ``system|``."""
    parts = [unescaped(part) for part in split_bar(text)]
    if len(parts) == 1:
        return Sql("code = ?", (parts[0],))
    system, code = parts[0], parts[1]
    if not code:
        return Sql("system = ?", (system,))
    if ignore_system:
        return Sql("code = ?", (code,))
    return Sql("code = ? AND system = ?", (code, system))


def split_bar(text: str) -> list[str]:
    """Return system and code; both may have a bar after a backslash."""
    match = re.fullmatch(r"((?:[^\\|]|\\.)*)\|((?s:.*))", text)
    return [match[1], match[2]] if match else [text]


def string_match(text: str, modifier: str) -> Sql:
    """Return the comparison with the beginning of a string, the whole of it, or a part."""
    value = unescaped(text)
    if modifier == "exact":
        return Sql("value = ?", (value,))
    norm = normalise(value)
    if modifier == "contains":
        return Sql("instr(norm, ?) > 0", (norm,))
    return Sql("norm >= ? AND norm < ?", (norm, norm + LAST_CHARACTER))


def uri_match(text: str, modifier: str) -> Sql:
    """Return the comparison with a URI, with those below it, or with those above it."""
    value = unescaped(text)
    if modifier == "below":
        return Sql("norm >= ? AND norm < ?", (value, value + LAST_CHARACTER))
    if modifier == "above":
        return Sql("? = norm OR (instr(?, rtrim(norm, '/') || '/') = 1)", (value, value))
    return Sql("norm = ?", (value,))


def split_prefix(text: str) -> tuple[str, str]:
    """Return the comparison and the value."""
    return (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)


def date_match(text: str) -> Sql:
    """Return the comparison of two intervals (R4 3.1.1.4.6)."""
    prefix, value = split_prefix(text)
    span = interval(value.replace(" ", "+"))
    if span is None:
        raise bad_query("a date of the search is not a date")
    low, high = span
    if prefix == "ap":
        return _approximately(span)
    table = {
        "eq": ("low >= ? AND high <= ?", (low, high)),
        "ne": ("NOT (low >= ? AND high <= ?)", (low, high)),
        "gt": ("high > ?", (high,)),
        "lt": ("low < ?", (low,)),
        "ge": ("(high > ? OR (low >= ? AND high <= ?))", (high, low, high)),
        "le": ("(low < ? OR (low >= ? AND high <= ?))", (low, low, high)),
        "sa": ("low >= ?", (high,)),
        "eb": ("high <= ?", (low,)),
    }
    return Sql(*table[prefix])


def _approximately(span: Interval) -> Sql:
    # R4 3.1.1.4.6 recommends a tenth of the time between now and the date.
    gap = abs(micros_now() - span[0]) // 10
    return Sql("low < ? AND high > ?", (span[1] + gap, span[0] - gap))


def number_match(text: str) -> Sql:
    """Return the comparison with a number, which is as exact as its digits say: 100 is 99.5 to 100.5."""
    prefix, value = split_prefix(text)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise bad_query("a number of the search is not a number") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise bad_query("a number of the search is not a number")
    half = Decimal((0, (5,), exponent - 1))
    if prefix == "ap":
        half = max(half, abs(number) / 10)
    table = {
        "gt": ("value > ?", (float(number),)),
        "lt": ("value < ?", (float(number),)),
        "ge": ("value >= ?", (float(number),)),
        "le": ("value <= ?", (float(number),)),
        "sa": ("value >= ?", (float(number + half),)),
        "eb": ("value < ?", (float(number - half),)),
        "ne": ("NOT (value >= ? AND value < ?)", (float(number - half), float(number + half))),
    }
    return Sql(*table.get(prefix, ("value >= ? AND value < ?", (float(number - half), float(number + half)))))


def quantity_match(text: str) -> Sql:
    """Return the comparison with ``number``, ``number|system|code`` or ``number||code``, which also is a unit."""
    number, *rest = (unescaped(part) for part in split_values(text, "|")) if "||" not in text else text.split("|")
    match = number_match(number)
    if len(rest) < 2:
        return match if not rest or not rest[0] else all_of([match, Sql("system = ?", (rest[0],))])
    system, code = rest[0], rest[1]
    if system:
        return all_of([match, Sql("system = ?", (system,)), Sql("code = ?", (code,))])
    return all_of([match, Sql("(code = ? OR unit = ?)", (code, code))])
