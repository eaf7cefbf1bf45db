"""Words that several explanations need."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydicom._uid_dict import UID_dictionary  # pydicom.uid warns of each UID that is not valid

SHORTER = (("Little Endian", "LE"), ("Big Endian", "BE"))
NO_UID = "a UID that is not valid"


def moment(at: float) -> str:
    """Return a time for a sentence: in UTC, in the one form that every reader finds and shows in local time."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def name_of(uid: str) -> str:
    """Return the name of a SOP class or transfer syntax in PS3.6; its UID if it has none, because it is private."""
    if not uid:
        return NO_UID
    name = UID_dictionary[uid][0].partition(":")[0] if uid in UID_dictionary else ""
    for long, short in SHORTER:
        name = name.replace(long, short)
    return name.removesuffix(" (Default Transfer Syntax for DICOM)") or uid


def numbers(found: Sequence[int]) -> str:
    """Return numbers as a list in words: ``3``, ``3 and 5``, ``3, 5 and 7``."""
    words = [str(each) for each in found]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def several(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 instance``, ``212 instances``."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def seconds(value: float) -> str:
    """Return a duration for people who compare it: ``2 ms``, ``0.21 s``, ``14 s``."""
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
