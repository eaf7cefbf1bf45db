"""Parses and checks the query string of a QIDO-RS request (PS3.18 8.3.4, 10.6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from pydicom.datadict import dictionary_VR, tag_for_keyword

from gateway.sandbox.google_error import ApiError


class Level(IntEnum):
    """The level of a search; a lower level can also be searched by the attributes of the levels above it."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


# PS3.18 Tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5: attributes to search by, which results also show if they are known.
KEYWORDS = {
    Level.STUDY: (
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "ModalitiesInStudy",
        "ReferringPhysicianName",
        "StudyDescription",
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyID",
    ),
    Level.SERIES: (
        "Modality",
        "SeriesDescription",
        "BodyPartExamined",
        "SeriesInstanceUID",
        "SeriesNumber",
        "PerformedProcedureStepStartDate",
        "PerformedProcedureStepStartTime",
    ),
    Level.INSTANCE: ("SOPClassUID", "SOPInstanceUID", "InstanceNumber"),
}
# Attributes that results show and that cannot be searched by
SHOWN_ONLY = {
    Level.STUDY: ("SpecificCharacterSet", "TimezoneOffsetFromUTC"),
    Level.SERIES: ("RequestAttributesSequence",),
    Level.INSTANCE: ("Rows", "Columns", "BitsAllocated", "NumberOfFrames"),
}
OF_STUDY_ONLY = f"{tag_for_keyword('ModalitiesInStudy'):08X}"
ALL = "all"
OF_EVERY_METHOD = {"alt", "access_token", "key", "prettyPrint", "quotaUser", "uploadType", "upload_protocol", "$.xgafv"}
"""Parameters that Google's clients may add to any request."""
LARGEST_LIMIT = 50000


@dataclass(frozen=True, slots=True)
class Query:
    """A checked search."""

    level: Level
    patterns: Mapping[str, str]
    """Tags (eight hexadecimal digits) to the patterns that their values must match."""
    include: frozenset[str]
    """Tags to show besides the default ones; or ``all``."""
    limit: int
    offset: int
    fuzzy: bool
    """Whether fuzzy matching was requested; it is not supported."""


def parse_query(level: Level, parameters: Iterable[tuple[str, str]]) -> Query:
    """Return the search that *parameters* describe; raise ApiError if one of them is not supported."""
    patterns: dict[str, str] = {}
    include: set[str] = set()
    options = {"limit": str(LARGEST_LIMIT), "offset": "0", "fuzzymatching": "false"}
    for name, value in parameters:
        if name in OF_EVERY_METHOD:
            continue
        if name in options:
            options[name] = value
        elif name == "includefield":
            include.update(field if field == ALL else _tag(field) for field in value.split(",") if field)
        else:
            patterns[_searchable(level, name)] = value
    if options["fuzzymatching"] not in ("true", "false"):
        raise ApiError(400, "fuzzymatching must be true or false")
    limit, offset = _number(options["limit"], "limit"), _number(options["offset"], "offset")
    return Query(level, patterns, frozenset(include), limit, offset, options["fuzzymatching"] == "true")


def shown_tags(level: Level) -> list[str]:
    """Return the tags that a result of *level* shows: its own and those of the levels above."""
    return [_tag(keyword) for each in Level if each <= level for keyword in KEYWORDS[each] + SHOWN_ONLY[each]]


def vr_of(tag: str) -> str:
    """Return the value representation of a tag in the dictionary."""
    return dictionary_VR(int(tag, 16))


def _searchable(level: Level, name: str) -> str:
    tag = _tag(name)
    known = {_tag(keyword) for each in Level if each <= level for keyword in KEYWORDS[each]}
    if tag not in known or (tag == OF_STUDY_ONLY and level is not Level.STUDY):
        raise ApiError(400, "the query names an attribute that cannot be searched by at this level")
    return tag


def _tag(name: str) -> str:
    """Return the tag of an attribute, which *name* gives as keyword or tag."""
    number = tag_for_keyword(name)
    if number is not None:
        return f"{number:08X}"
    if len(name) == 8 and all(character in "0123456789abcdefABCDEF" for character in name):
        return name.upper()
    raise ApiError(400, "the query names an attribute that is not in the dictionary")


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ApiError(400, f"{name} must be a number")
    return int(text)
