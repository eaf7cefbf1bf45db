"""The values that an element may be set to: the rules of each value representation (PS3.5 table 6.2-1)."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from struct import Struct, error

from adapters.dicom import charset
from adapters.dicom.dictionary import multiplicity_of, vr_of
from adapters.dicom.edits import NewValue
from adapters.dicom.encoding import LONG_VRS, MOST_IN_SHORT, Malformed
from adapters.dicom.paths import written

Given = str | int | float
TIME = r"(?:[01][0-9]|2[0-3])(?:[0-5][0-9](?:(?:[0-5][0-9]|60)(?:\.[0-9]{1,6})?)?)?"
DATE_TIME = r"[0-9]{4}(?:[0-9]{2}){0,2}(?:(?<=[0-9]{8})" + TIME + r")?(?:[+-][0-9]{4})?"
PATTERNS = {
    b"AE": (16, r"(?! *\Z)[ -\[\]-~]*", "at most 16 characters of ASCII, not all spaces"),
    b"AS": (4, r"[0-9]{3}[DWMY]", "three digits and D, W, M or Y"),
    b"CS": (16, r"[A-Z0-9 _]*", "at most 16 upper case letters, digits, spaces and underscores"),
    b"DA": (8, r"[0-9]{8}", "a date as YYYYMMDD"),
    b"DS": (16, r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *", "a number of at most 16 characters"),
    b"DT": (
        26,
        DATE_TIME,
        "a date and time as YYYYMMDDHHMMSS.FFFFFF&ZZXX",
    ),
    b"IS": (12, r" *[+-]?[0-9]+ *", "a whole number of at most 12 characters"),
    b"LO": (64, r"[^\\\x00-\x1f\x7f]*", "at most 64 characters, without backslash and control characters"),
    b"LT": (10240, r"[^\x00-\x08\x0b\x0e-\x1f\x7f]*", "at most 10,240 characters, without control characters"),
    b"PN": (
        194,
        r"[^\\=\x00-\x1f\x7f]{0,64}(?:=[^\\=\x00-\x1f\x7f]{0,64}){0,2}",
        "up to three groups of 64 characters with = between them, without backslash and control characters",
    ),
    b"SH": (16, r"[^\\\x00-\x1f\x7f]*", "at most 16 characters, without backslash and control characters"),
    b"ST": (1024, r"[^\x00-\x08\x0b\x0e-\x1f\x7f]*", "at most 1,024 characters, without control characters"),
    b"TM": (14, TIME, "a time as HHMMSS.FFFFFF"),
    b"UC": (None, r"[^\\\x00-\x1f\x7f]*", "text without backslash and control characters"),
    b"UI": (64, r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+", "a UID of at most 64 characters"),
    b"UR": (None, r"[!-\[\]-~]*", "a URI in ASCII without spaces"),
    b"UT": (None, r"[^\x00-\x08\x0b\x0e-\x1f\x7f]*", "text without control characters"),
}
NUMBERS = {
    b"US": ("H", "0 to 65,535"),
    b"SS": ("h", "-32,768 to 32,767"),
    b"UL": ("L", "0 to 4,294,967,295"),
    b"SL": ("l", "-2,147,483,648 to 2,147,483,647"),
    b"UV": ("Q", "0 to 2^64-1"),
    b"SV": ("q", "-2^63 to 2^63-1"),
    b"FL": ("f", "a number of 32 bits"),
    b"FD": ("d", "a number"),
}
WITH_BACKSLASH = {b"LT", b"ST", b"UT"}


def new_value(path: str, tag: int, given: Given | Sequence[Given]) -> NewValue:
    """Return the new value of the element *tag*; raise ValueError if the element cannot have it."""
    vr = vr_of(tag)
    if vr not in PATTERNS and vr not in NUMBERS:
        raise ValueError(f"{path}: {_unsettable(vr)}")
    values = [given] if isinstance(given, (str, int, float)) else list(given)
    values = [] if values == [""] else values
    _check_count(path, tag, len(values))
    if vr in NUMBERS:
        return NewValue(path, vr, partial(_pack, NUMBERS[vr][0], _numbers(path, vr, values)))
    texts = [_text(path, vr, each) for each in values]
    if vr not in LONG_VRS and len("\\".join(texts).encode()) > MOST_IN_SHORT:
        raise ValueError(f"{path}: {vr.decode()} takes at most 65,534 octets in all; give fewer values")
    return NewValue(path, vr, partial(_encode, path, vr, texts))


def _unsettable(vr: bytes) -> str:
    if vr == b"SQ":
        return "a sequence cannot be set; set elements of its items (…Sequence[*].…)"
    if not vr:
        return "only elements that PS3.6 names can be set, for others the value representation is not known"
    return f"an element of value representation {vr.decode()} cannot be set; leave it out"


def _check_count(path: str, tag: int, count: int) -> None:
    """Check the value multiplicity, such as ``1``, ``1-3``, ``2-2n``, ``1-n``; no value is always allowed."""
    stated = multiplicity_of(tag)
    least, _, most = stated.partition("-")
    most = most or least
    step = int(most.rstrip("n") or 1) if most.endswith("n") else 1
    if count and (count < int(least) or count % step or (not most.endswith("n") and count > int(most))):
        raise ValueError(f"{path}: {written(tag)} takes {stated} values, {count} are given")


def _text(path: str, vr: bytes, value: Given) -> str:
    if not isinstance(value, str):
        if vr not in {b"DS", b"IS"} or (vr == b"IS" and not isinstance(value, int)):
            raise ValueError(f"{path}: {vr.decode()} is text; write {value} in quotes")
        value = str(value)
    longest, pattern, form = PATTERNS[vr]
    if (longest is not None and len(value) > longest) or not _is_right(vr, pattern, value):
        raise ValueError(f"{path}: {vr.decode()} takes {form}" + _hint(vr, value))
    return value


def _hint(vr: bytes, value: str) -> str:
    return "; write several values as a list" if "\\" in value and vr not in WITH_BACKSLASH else ""


def _is_right(vr: bytes, pattern: str, value: str) -> bool:
    if value == "":
        return True  # one of several values may be empty
    if not re.fullmatch(pattern, value):
        return False
    try:
        if vr == b"DA":
            datetime.strptime(value, "%Y%m%d")  # noqa: DTZ007  no zone is asked for
        return vr != b"IS" or -(2**31) <= int(value) < 2**31
    except ValueError:
        return False


def _numbers(path: str, vr: bytes, values: Sequence[Given]) -> list[Given]:
    form, allowed = NUMBERS[vr]
    for each in values:
        if isinstance(each, str) or (isinstance(each, float) and form not in "fd"):
            raise ValueError(f"{path}: {vr.decode()} takes numbers, {allowed}; write them without quotes")
        try:
            Struct("<" + form).pack(each)
        except (error, OverflowError):
            raise ValueError(f"{path}: {vr.decode()} takes {allowed}") from None
    return list(values)


def _pack(form: str, numbers: Sequence[Given], order: str, charsets: Sequence[str]) -> bytes:  # noqa: ARG001
    return b"".join(Struct(order + form).pack(each) for each in numbers)


def _encode(path: str, vr: bytes, texts: Sequence[str], order: str, charsets: Sequence[str]) -> bytes:  # noqa: ARG001
    values = []
    for each in texts:
        value = charset.encode(each, vr, charsets)
        if value is None:
            raise Malformed(f"{path}: the text to be set cannot be written in the character set of the instance")
        values.append(value)
    whole = b"\\".join(values)
    return whole + (b"\0" if vr == b"UI" else b" ") * (len(whole) % 2)
