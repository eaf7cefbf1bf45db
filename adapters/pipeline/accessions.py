"""Accession numbers in the form in which they are compared, as DICOM, HL7v2 and CSV files write the same one apart."""

import re
import unicodedata

GUARDED = re.compile(r'="([^"]*)"\Z')
"""How a CSV file keeps a spreadsheet from reading a number: ``="0012"``."""
PADDING = " \t\0"
NOTHING = frozenset(
    ["N/A", "#N/A", "NA", "N.A.", "NAN", "NONE", "NULL", "NIL", "UNKNOWN", "UNBEKANNT", "MISSING", "EMPTY"]
)
"""What people and programs write where there is no number: one study and one report with it do not belong together."""


def accession_key(text: str | None) -> str:
    """Return the form of an accession number that is compared; empty if there is none.

    - Blanks, tabs and NUL around it are padding (PS3.5 6.2, SH and the even length of values).
    - Behind the first ``^`` is the assigning authority of HL7v2 (EI.2), which DICOM has in a sequence of its own.
    - Upper and lower case are the same; so are full-width and ordinary letters and digits (NFKC).
    - The guard of spreadsheets ``="…"`` is left out.
    - What stands for no number is none: NOTHING, zeros only, or neither a letter nor a digit.

    Zeros at the beginning count, and so does what is between letters and digits. Two numbers that differ in nothing
    else become one: then two studies have it, and linking holds their reports back.
    """
    if text is None:
        return ""
    text = unicodedata.normalize("NFKC", text).strip(PADDING)
    if guarded := GUARDED.match(text):
        text = guarded[1]
    text = text.partition("^")[0].strip(PADDING).upper()
    is_nothing = text in NOTHING or not any(map(str.isalnum, text)) or not text.strip("0")
    return "" if is_nothing else text


def uid_key(text: str | None) -> str:
    """Return a UID without padding (PS3.5 6.2, UI: a NUL); empty if there is none."""
    return (text or "").strip(PADDING)


def patient_key(text: str | None) -> str:
    """Return the number of a patient in the form that is compared: as an accession number, without its authority."""
    return accession_key(text)
