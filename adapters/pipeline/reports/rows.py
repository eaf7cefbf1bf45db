"""The fields of a record become a row of the table ``reports``, on the identified side.

Whatever a field says stays as it is, also ``=1+1`` at its beginning: who opens an export of this table in a spreadsheet
must tell it to take fields for texts.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress

from adapters.pipeline.accessions import accession_key, patient_key, uid_key
from adapters.pipeline.contract import Reference, Row
from adapters.pipeline.reports.dates import DateError, read_date
from adapters.pipeline.reports.header import SEVERAL, Header
from adapters.pipeline.reports.settings import ReportFormat

DIGITS = 32


def report_id(reference: Reference, row: int) -> str:
    """Return the name of a report: that of its row in this version of its file."""
    told = json.dumps([reference.hospital, reference.key, reference.version, row])
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:DIGITS]


def row_of(
    reference: Reference, header: Header, form: ReportFormat, place: tuple[int, int], fields: Sequence[str]
) -> Row:
    """Return the row of one report; *place* are the number of its record and of its line in the file."""

    def one(key: str) -> str:
        return fields[header.one[key]].strip(" \t") if key in header.one else ""

    problem, written = "", None
    try:
        written = read_date(one("date"), form.dates)
    except DateError as error:
        problem = str(error)
    return {
        "hospital": reference.hospital,
        "report_id": report_id(reference, place[0]),
        "object": reference.key,
        "version": reference.version,
        "modified": reference.modified,
        "row": place[0],
        "line": place[1],
        "accession": one("accession"),
        "accession_key": accession_key(one("accession")),
        "study": uid_key(one("study")),
        "patient": one("patient"),
        "patient_key": patient_key(one("patient")),
        "status": one("status"),
        "report_date": None if written is None else written[:10],
        "report_time": written if written is not None and len(written) > 10 else None,
        "date_problem": problem,
        "text": fields[header.one["text"]],
        "known": _known(header, form, fields),
    }


def _known(header: Header, form: ReportFormat, fields: Sequence[str]) -> dict[str, list[str]]:
    """Return by what else the row names its patient; a date of birth as ISO 8601 where it can be read."""
    found = {key: [text for at in header.several.get(key, ()) if (text := fields[at].strip())] for key in SEVERAL}
    for number, text in enumerate(found["births"]):
        with suppress(DateError):
            found["births"][number] = (read_date(text, form.dates) or text)[:10]
    return found
