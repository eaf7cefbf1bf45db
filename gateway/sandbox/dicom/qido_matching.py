"""Attribute matching of QIDO-RS (PS3.18 8.3.4.1, PS3.4 C.2.2.2)."""

import re
from typing import Any

RANGE_VRS = {"DA", "TM"}
# PS3.4 C.2.2.2.4: no wildcards in these value representations.
LITERAL_VRS = {"UI", "IS", "DS", "US", "SS", "UL", "SL"}


def matches(element: dict[str, Any] | None, vr: str, pattern: str) -> bool:
    """Return whether an element in DICOM JSON matches; an empty pattern matches all, even an absent element."""
    if not pattern:
        return True
    values = [text for value in (element or {}).get("Value", []) for text in _texts(value)]
    if vr == "UI":
        # PS3.18 8.3.4.1: a list of UIDs is separated by commas, or by the backslash of DICOM.
        return not set(values).isdisjoint(re.split(r"[,\\]", pattern))
    if vr in RANGE_VRS:
        return any(_is_within(value, pattern) for value in values)
    if vr in LITERAL_VRS:
        return pattern in values
    flags = re.IGNORECASE if vr == "PN" else 0
    return any(re.match(_expression(pattern), value, flags) for value in values)


def _texts(value: Any) -> list[str]:
    """Return one value as text; a person name has up to three groups (PS3.18 F.2.2)."""
    groups = value.values() if isinstance(value, dict) else [value]
    return [str(group).strip() for group in groups if group is not None]


def _is_within(value: str, pattern: str) -> bool:
    # PS3.4 C.2.2.2.5: "a-b", "-b" and "a-", ends included; DA and TM hold no hyphen themselves.
    first, hyphen, last = pattern.partition("-")
    if not hyphen:
        return value == pattern
    # An end without minutes or seconds includes all of them, so only the given characters are compared.
    return first <= value and (not last or value[: len(last)] <= last)


def _expression(pattern: str) -> str:
    wildcards = {"*": ".*", "?": "."}
    return "(?s)" + "".join(wildcards.get(character, re.escape(character)) for character in pattern) + r"\Z"
