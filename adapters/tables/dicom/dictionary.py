"""Which column an attribute has in a table: its keyword, its type by the data dictionary, and whether it is a list.

The types are those of Google's export [cloud.google.com/healthcare-api/docs/how-tos/dicom-bigquery-schema]: DS and IS
are STRING, so that nothing is rounded; PN is a RECORD; what has a multiplicity other than 1 is REPEATED.
"""

from collections.abc import Mapping
from functools import lru_cache

from adapters.dicom.dictionary import keyword_of, multiplicity_of, vr_of
from adapters.tables.columns import Column, Type

PERSON = (Column("Alphabetic"), Column("Ideographic"), Column("Phonetic"))
TYPES: Mapping[str, Type] = {
    **dict.fromkeys(("AE", "AS", "CS", "DS", "IS", "LO", "LT", "SH", "ST", "UC", "UI", "UR", "UT"), "STRING"),
    **dict.fromkeys(("AT", "SL", "SS", "SV", "UL", "US", "UV", "US or SS", "US or SS or OW", "US or OW"), "INTEGER"),
    **dict.fromkeys(("FD", "FL"), "FLOAT"),
    "DA": "DATE",
    "DT": "TIMESTAMP",
    "PN": "RECORD",
    "SQ": "RECORD",
    "TM": "TIME",
}
"""By the value representation of PS3.6. OB, OW and what is like them have no column."""
REPEATERS = range(0x5000, 0x6100)
"""The groups that PS3.6 repeats: curves and overlays. Only the first of each has its keyword to itself."""


@lru_cache(maxsize=8192)
def column_of(tag: str) -> Column | None:
    """Return the column of an attribute, without the fields of a sequence; None for one that has none of its own.

    A sequence comes as JSON: whoever makes a RECORD of it has to know the items.
    """
    number = int(tag, 16)
    keyword, vr = keyword_of(number), vr_of(number).decode()
    kind = TYPES.get(vr)
    group = number >> 16
    if not keyword or kind is None or (group in REPEATERS and group & 0xFF):
        return None
    if vr == "SQ":
        return Column(keyword, "JSON")
    mode = "NULLABLE" if multiplicity_of(number) == "1" else "REPEATED"
    return Column(keyword, kind, mode, PERSON if vr == "PN" else ())  # type: ignore[arg-type]


def name_of(tag: str) -> str:
    """Return what an attribute is called in DroppedTags and OtherElements: its keyword, or ``Tag_`` and its digits."""
    column = column_of(tag)
    return f"Tag_{tag.lower()}" if column is None else column.name
