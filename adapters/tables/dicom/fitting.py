"""Whether the values of an attribute fit its column, and what they are there.

What does not fit stays in ``Metadata`` and is named in ``DroppedTags``: a value is never made to fit.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from adapters.tables.columns import Column
from adapters.tables.dicom.data_set import Element

TIME = re.compile(r"(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,6})?)?)?", re.ASCII)
ZONE = re.compile(r"[+-](?:0\d|1[0-4])[0-5]\d", re.ASCII)
DATE_TIME = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?", re.ASCII)
LARGEST = 2**63


class MisfitError(ValueError):
    """The values do not fit the column."""


def fitted(column: Column, element: Element, texts: list[str] | None, zone: str) -> Any:
    """Return what a row has for *element*: a value, a list, or None; raises MisfitError.

    *texts* are those of DS and IS. *zone* is that of times that tell none: an offset as in DICOM, such as ``+0100``.
    """
    values = texts if texts is not None else element.get("Value", [])
    if "InlineBinary" in element or (len(values) > 1 and not column.is_repeated):
        raise MisfitError
    found = [_fitted(column, each, zone) for each in values]
    if column.is_repeated:
        return found
    return found[0] if found else None


def _fitted(column: Column, value: Any, zone: str) -> Any:
    if column.type == "TIMESTAMP":
        return _timestamp(value, zone)
    fit: Callable[[Any], Any] = FITTED.get(column.type, _record)
    return fit(value)


def _text(value: Any) -> str:
    # A number is here where the element has another representation than in the dictionary.
    if not isinstance(value, str):
        raise MisfitError
    return value


def _float(value: Any) -> float:
    if not isinstance(value, int | float):
        raise MisfitError
    return float(value)


def _record(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MisfitError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, str) and len(value) == 8:  # AT: a tag in hexadecimal digits
        try:
            return int(value, 16)
        except ValueError:
            raise MisfitError from None
    if not isinstance(value, int) or not -LARGEST <= value < LARGEST:
        raise MisfitError
    return value


def _date(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 8 or not (value.isascii() and value.isdigit()):
        raise MisfitError
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:])).isoformat()
    except ValueError:
        raise MisfitError from None


def _time(value: Any) -> str:
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise MisfitError
    hours, minutes, seconds, fraction = found.groups()
    if int(hours) > 23 or int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise MisfitError  # a leap second is no TIME
    return f"{hours}:{minutes or '00'}:{seconds or '00'}{fraction or ''}"


def _timestamp(value: Any, zone: str) -> str:
    found = DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise MisfitError  # a year or a month alone is no instant
    day, time, own = found.groups()
    offset = own or zone
    if not ZONE.fullmatch(offset):
        raise MisfitError
    return f"{_date(day)}T{_time(time or '00')}{offset[:3]}:{offset[3:]}"


FITTED: Mapping[str, Callable[[Any], Any]] = {
    "STRING": _text,
    "INTEGER": _integer,
    "FLOAT": _float,
    "DATE": _date,
    "TIME": _time,
}
