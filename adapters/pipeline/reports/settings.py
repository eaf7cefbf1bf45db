"""Settings of a hospital's reports: what its CSV files look like, and which columns of them are read."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.contract.settings import Count, Octets, Settings

SINGLE = frozenset(
    (
        "ascii",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        *(f"cp{number}" for number in (437, 850, 852, 858, 866, *range(1250, 1259))),
        *(f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15, 16)),
    )
)
"""Encodings with one octet for each character, by Python's names."""
WIDE = frozenset(("utf-16", "utf-16-le", "utf-16-be"))
OTHERS = frozenset(("utf-8", "utf-8-sig", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "gb18030", "gbk", "big5"))
NO_ENCODING = "is no encoding of a CSV file; name one such as utf-8, utf-16, latin-1 or cp1252"


def codec(name: str) -> str:
    """Return Python's name of an encoding; raises ValueError for one that no CSV file has."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise ValueError(NO_ENCODING) from None
    if found not in SINGLE | WIDE | OTHERS:
        raise ValueError(NO_ENCODING)
    return found


ColumnName = Annotated[str, StringConstraints(min_length=1)]
ColumnNames = tuple[ColumnName, ...]
Encoding = Annotated[str, AfterValidator(codec)]


class ReportColumns(Settings):
    """The names in the first row of a hospital's CSV files. Upper and lower case are not told apart."""

    accession: ColumnName
    """The accession number of the study that is reported."""
    text: ColumnName
    """The text of the report."""
    date: ColumnName | None = None
    """The date of the report, if there is one."""
    study: ColumnName | None = None
    """The Study Instance UID, for reports without an accession number."""
    patient: ColumnName | None = None
    """The patient's number. A report that names another patient than its images is held back."""
    status: ColumnName | None = None
    """Whether a report is preliminary, final or corrected. With it, only what says that it is a correction replaces a
    final report; without it, a later row with the same accession number does."""
    names: ColumnNames = ()
    """Columns with names of people. What they say is removed from the text before it becomes public."""
    numbers: ColumnNames = ()
    """Likewise columns with identifiers: of a visit, an insurance, a place."""
    telephones: ColumnNames = ()
    """Likewise columns with telephone numbers."""
    births: ColumnNames = ()
    """Likewise columns with dates of birth; these are not moved but removed."""


class ReportFormat(Settings):
    """What a hospital's CSV files look like."""

    encoding: Encoding | None = None
    """The character encoding of the CSV files. By default it is UTF-8, or UTF-16 where a file begins with its byte
    order mark. A file in another encoding is not read."""
    separator: Literal[",", ";", "\t", "|"] | None = None
    """What stands between two columns; by default that of the four which separates the names of `columns`."""
    quotes: Literal["doubled", "escaped"] = "doubled"
    """How a quote is written within a quoted text: `""`, or `\\"`."""
    dates: Literal["day_first", "month_first"] | None = None
    """How to read a date such as 03/04/2021. By default, only dates are read that can be read in one way."""
    max_row_characters: Count = Field(default=1024 * 1024, ge=1024)
    """A row with more characters is not read."""
    max_rows: Count = Field(default=1_000_000, ge=1)
    """What follows the row of this number is not read."""
    max_unpacked_bytes: Octets = Field(default=4 * 1024 * 1024 * 1024, ge=1024)
    """A compressed file that has more octets is not read."""
