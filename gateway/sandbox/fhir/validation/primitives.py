"""The primitive datatypes: what a value must look like (R4 datatypes.html)."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from gateway.sandbox.fhir.search.moments import interval

_DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
Check = Callable[[Any], bool]


def _text(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _date(pattern: str) -> Check:
    looks = _text(pattern)
    return lambda value: looks(value) and interval(value) is not None


def _whole(low: int) -> Check:
    # "32-bit number"
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value < 1 << 31


def _is_decimal(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


PRIMITIVES: Mapping[str, Check] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _whole(-(1 << 31)),
    "unsignedInt": _whole(0),
    "positiveInt": _whole(1),
    "decimal": _is_decimal,
    # "Strings SHALL NOT contain Unicode character points below 32, except for 9, 10 and 13."
    "string": _text(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+"),
    "markdown": _text(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+"),
    "String": _text(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+"),
    "code": _text(r"[^\s]+( [^\s]+)*"),
    "id": _text(r"[A-Za-z0-9\-.]{1,64}"),
    "uri": _text(r"\S+"),
    "url": _text(r"\S+"),
    "canonical": _text(r"\S+"),
    "oid": _text(r"urn:oid:[0-2](\.(0|[1-9]\d*))+"),
    "uuid": _text(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "base64Binary": _text(r"(\s*[0-9a-zA-Z+/=]){4,}\s*"),
    "date": _date(_DAY),
    "dateTime": _date(rf"{_DAY}|\d{{4}}-\d\d-\d\dT{_CLOCK}{_ZONE}"),
    "instant": _date(rf"\d{{4}}-\d\d-\d\dT{_CLOCK}{_ZONE}"),
    "time": _text(_CLOCK),
    "xhtml": _text(r"(?s:\s*<div.*>\s*)"),
}
