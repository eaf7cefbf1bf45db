"""Reading DICOM JSON (PS3.18 F) of a store that may send anything: no function raises an exception."""

import re
from collections.abc import Collection

MAX_DEPTH = 200
"""Most levels of nested arrays and objects; a sequence in a sequence adds three."""
STUDY_INSTANCE_UID = "0020000D"
SERIES_INSTANCE_UID = "0020000E"
SOP_INSTANCE_UID = "00080018"
REFERENCED_SOP_INSTANCE_UID = "00081155"
ERROR_COMMENT = "00000902"
WARNING_REASON = "00081196"
FAILURE_REASON = "00081197"
FAILED_SOP_SEQUENCE = "00081198"
REFERENCED_SOP_SEQUENCE = "00081199"
OTHER_FAILURES_SEQUENCE = "0008119A"


TAG = re.compile(r"[0-9A-F]{8}")  # PS3.18 F.2.2: upper case
DECIMAL = re.compile(r"([0-9]{1,5})(?:\.0)?")
HEXADECIMAL = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{4})")


def is_data_set(value: object) -> bool:
    """Whether *value* has the form of a DICOM data set."""
    return isinstance(value, dict) and all(
        TAG.fullmatch(tag) and isinstance(attribute, dict) for tag, attribute in value.items()
    )


def values(data_set: object, tag: str) -> list[object]:
    """Return the values of *tag*; the list may be empty."""
    attribute = data_set.get(tag) if isinstance(data_set, dict) else None
    found = attribute.get("Value") if isinstance(attribute, dict) else None
    if isinstance(found, str | int | float) and found != "":  # some stores leave out the array around it
        return [found]
    return found if isinstance(found, list) else []


def uid(data_set: object, tag: str) -> str | None:
    """Return the UID in *tag*, without the padding that some stores leave in it. It may hold any characters."""
    found = values(data_set, tag)
    return found[0].strip(" \0\r\n\t") or None if len(found) == 1 and isinstance(found[0], str) else None


def unsigned_short(data_set: object, tag: str) -> int | None:
    """Return the US value of *tag*; some stores, and the XML form, write it as a string.

    Four characters that are not a decimal number are read as hexadecimal, because the standard writes these codes so.
    """
    found = values(data_set, tag)
    text = str(found[0]).strip() if found and isinstance(found[0], int | float | str) else ""
    decimal, hexadecimal = DECIMAL.fullmatch(text), HEXADECIMAL.fullmatch(text)
    number = int(decimal[1]) if decimal else int(hexadecimal[1], 16) if hexadecimal else -1
    return number if 0 <= number <= 0xFFFF else None


def items(value: object, tag: str) -> list[object]:
    """Return every item of every sequence *tag* anywhere in *value*: some stores wrap their answer in an array."""
    return collect(value, (tag,))[tag]


def collect(value: object, tags: Collection[str]) -> dict[str, list[object]]:
    """Return the items of several *tags*, found in one walk; no items at all if *value* is nested too deeply."""
    found: dict[str, list[object]] = {tag: [] for tag in tags}
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for current in level:
            if isinstance(current, dict):
                for tag in found.keys() & current.keys():
                    found[tag] += values(current, tag) or _single(current[tag])
                inner += [each for each in current.values() if isinstance(each, dict | list)]
            elif isinstance(current, list):
                inner += [each for each in current if isinstance(each, dict | list)]
        if not inner:
            return found
        level = inner
    return {tag: [] for tag in tags}


def _single(attribute: object) -> list[object]:
    """Return the item of a sequence that a store has not put into an array, in a list."""
    found = attribute.get("Value") if isinstance(attribute, dict) else None
    return [found] if isinstance(found, dict) else []
