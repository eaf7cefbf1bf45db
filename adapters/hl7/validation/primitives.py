"""The form of values of the datatypes without components (HL7 2.5, chapter 2.A).

Text (ST, TX, FT, IS and the like) may be anything; the values of ID are those of its table.
"""

import re
from datetime import date

PRIMITIVES = frozenset({"DT", "DTM", "FT", "GTS", "ID", "IS", "NM", "SI", "SNM", "ST", "TM", "TN", "TS", "TX"})
"""Names of datatypes without components; TS has had none since 2.6."""

_ZONE = r"(?:[+-](?:0\d|1[0-4])[0-5]\d)?"
_CLOCK = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,4})?)?)?"
_DAY = r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})%s)?)?"
_PATTERNS = {
    "DT": _DAY % "",
    "DTM": _DAY % f"(?:{_CLOCK})?" + _ZONE,
    "TM": _CLOCK + _ZONE,
    "NM": r"[+-]?(?:\d+\.?\d*|\.\d+)",
    "SI": r"\d+",
}
_COMPILED = {name: re.compile(pattern, re.ASCII) for name, pattern in _PATTERNS.items()}


def is_valid(datatype: str, value: str) -> bool:
    """Return whether *value* has the form of *datatype*; True for every value of a datatype that is not checked."""
    pattern = _COMPILED.get(datatype)
    if pattern is None:
        return True
    found = pattern.fullmatch(value.strip(" "))
    return found is not None and ("year" not in pattern.groupindex or _is_in_the_calendar(found))


def _is_in_the_calendar(found: re.Match[str]) -> bool:
    year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
