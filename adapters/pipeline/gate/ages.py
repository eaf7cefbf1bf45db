"""Ages over 89 name somebody (45 CFR 164.514(b)(2)(i)(C)): they become the one age "90 or older"."""

import re
from typing import Any

OLDEST_SHOWN = 89
OLDER = "090Y"
"""What DICOM's Age String says for 90 years and more here."""
AGE = re.compile(r"(\d{1,3})\s*([DWMY]?)")
UNKNOWN = float("inf")
OF_A_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0, "": 1.0}


def is_great(column: str, value: Any) -> bool:
    """Whether a value of a column of ages is an age over 89 that is not yet told as "90 or older"."""
    return _is_age(column) and value != OLDER and _years(value) > OLDEST_SHOWN


def without_great_age(column: str, value: Any) -> Any:
    """Return the value; one age for all that are over 89, and nothing for what should be an age and is none."""
    if not _is_age(column) or value is None:
        return value
    years = _years(value)
    if years <= OLDEST_SHOWN:
        return value
    return OLDER if isinstance(value, str) and years < UNKNOWN else None


def _is_age(column: str) -> bool:
    return column.endswith(("Age", "_age")) or column == "age"


def _years(value: Any) -> float:
    """Return an age in years; infinity for what should be one and is none, which nobody may see."""
    if value is None or value == "":
        return 0.0
    if isinstance(value, int | float):
        return float(value)
    found = AGE.fullmatch(str(value).strip().upper())
    return UNKNOWN if found is None else int(found[1]) / OF_A_YEAR[found[2]]
