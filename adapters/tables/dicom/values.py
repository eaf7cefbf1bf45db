"""The octets of a value become what DICOM JSON has for it (PS3.18 F.2), for the values that are as they should be.

The JSON is that of the sandbox's store, which pydicom makes. A value that pydicom would repair, or try with another
value representation, is *odd*: ``odd.py`` asks pydicom itself.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from struct import unpack
from typing import Any

from adapters.tables.dicom.data_set import Element

MOST_BINARY = 768
"""Octets of a binary value that are written into the JSON; more are bulk data (1,024 characters of base64)."""
INTEGER = re.compile(r" *[+-]?[0-9]{1,9} *\Z")
DECIMAL = re.compile(r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})? *\Z")


class OddValueError(Exception):
    """Only pydicom knows what becomes of this value."""


class DroppedError(Exception):
    """The value is not in the JSON: it is bulk data, or no value of JSON."""


Texts = Callable[[bytes], str]
"""Decodes text in the character sets of the data set."""


def element_of(vr: str, octets: bytes, order: str, decode: Texts) -> tuple[Element, list[str] | None]:
    """Return the attribute, and of DS and IS the texts; raises OddValueError or DroppedError."""
    if not octets:
        if vr not in KNOWN:
            raise OddValueError
        return {"vr": vr}, None
    if vr in NUMBERS:
        return {"vr": vr, "Value": _numbers(vr, octets, order)}, None
    if vr in BINARY:
        return {"vr": vr, "InlineBinary": _binary(octets)}, None
    if vr in {"DS", "IS"}:
        return _written(vr, octets)
    reader = TEXTS.get(vr)
    if reader is None:
        raise OddValueError
    values = reader(octets, decode)
    return ({"vr": vr, "Value": values} if values else {"vr": vr}), None


def _numbers(vr: str, octets: bytes, order: str) -> list[Any]:
    form, size = NUMBERS[vr]
    count, rest = divmod(len(octets), size)
    if rest:
        raise OddValueError
    values = unpack(f"{order}{count}{form}", octets)
    if vr == "AT":
        return [f"{group:04X}{element:04X}" for group, element in zip(values[::2], values[1::2], strict=True)]
    if form in "fd" and not all(map(isfinite, values)):
        raise DroppedError
    return list(values)


def _binary(octets: bytes) -> str:
    if len(octets) > MOST_BINARY:
        raise DroppedError
    return b64encode(octets).decode()


def _written(vr: str, octets: bytes) -> tuple[Element, list[str] | None]:
    pattern = INTEGER if vr == "IS" else DECIMAL
    texts = octets.decode("latin-1").rstrip(" \0").split("\\")
    if not all(map(pattern.match, texts)):
        raise OddValueError
    values: list[Any] = [int(each) for each in texts] if vr == "IS" else [float(each) for each in texts]
    if vr == "DS" and not all(map(isfinite, values)):
        raise DroppedError
    return {"vr": vr, "Value": values}, [each.strip(" ") for each in texts]


def _codes(octets: bytes, _: Texts) -> list[str]:
    return _filled(octets.decode("latin-1").rstrip(" \0").split("\\"))


def _titles(octets: bytes, _: Texts) -> list[str]:
    return _filled([each.strip() for each in octets.decode("latin-1").split("\\")])


def _uids(octets: bytes, _: Texts) -> list[str]:
    return _filled([each.strip() for each in octets.decode("latin-1").rstrip("\0 ").split("\\")])


def _lines(octets: bytes, decode: Texts) -> list[str]:
    return _filled([each.rstrip("\0 ") for each in decode(octets).split("\\")])


def _text(octets: bytes, decode: Texts) -> list[str]:
    return _filled([decode(octets).rstrip("\0 ")])


def _address(octets: bytes, _: Texts) -> list[str]:
    return _filled([octets.decode("latin-1").rstrip()])


def _filled(values: list[str]) -> list[str]:
    """Return no values for a single empty one."""
    return [] if values == [""] else values


def _names(octets: bytes, _: Texts) -> list[dict[str, str]]:
    if not octets.isascii() or b"\x1b" in octets:
        raise OddValueError  # each group of components begins anew with the first character set (PS3.5 6.2.1.2)
    names = octets.decode("ascii").rstrip("\0 ").split("\\")
    found = [dict(zip(GROUPS, _groups(each), strict=False)) for each in names]
    if found == [{}]:
        return []
    if not all(found):
        raise DroppedError  # pydicom cannot write an empty name among several
    return found


def _groups(name: str) -> Sequence[str]:
    groups = name.split("=")
    while groups and not groups[-1]:
        groups.pop()
    return groups


GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
NUMBERS: Mapping[str, tuple[str, int]] = {
    "US": ("H", 2),
    "SS": ("h", 2),
    "UL": ("L", 4),
    "SL": ("l", 4),
    "UV": ("Q", 8),
    "SV": ("q", 8),
    "FL": ("f", 4),
    "FD": ("d", 8),
    "AT": ("H", 2),
}
BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
TEXTS: Mapping[str, Callable[[bytes, Texts], list[Any]]] = {
    **dict.fromkeys(("AS", "CS", "DA", "DT", "TM"), _codes),
    "AE": _titles,
    "UI": _uids,
    **dict.fromkeys(("LO", "SH", "UC"), _lines),
    **dict.fromkeys(("LT", "ST", "UT"), _text),
    "UR": _address,
    "PN": _names,
}
KNOWN = frozenset((*NUMBERS, *BINARY, *TEXTS, "DS", "IS"))
