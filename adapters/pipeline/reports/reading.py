"""Reads the CSV files of a hospital: each row becomes a report or a dead letter, and the rest goes on.

The file is read twice, piece by piece: first its encoding is checked to its end, so that a file in another encoding
gives one dead letter and no rows; then its rows are made. Memory does not depend on its size.
"""

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from adapters.pipeline.contract import Dead, Made, Reference, Row
from adapters.pipeline.reports.decoding import is_utf8_in_single, texts
from adapters.pipeline.reports.fields import allow_fields_of, fields_of
from adapters.pipeline.reports.header import Header, header_of
from adapters.pipeline.reports.records import Broken, Record, Splitter
from adapters.pipeline.reports.rows import row_of
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from adapters.pipeline.reports.unpacking import UnreadableError, octets

STAGE = TABLE = "reports"
BEGINNING = 64 * 1024
"""Characters in which the first row must end."""
MOST_DEAD = 1000
"""Dead letters of one file; of those beyond, one says how many there are."""


def reports_of(reference: Reference, file: BinaryIO, columns: ReportColumns, form: ReportFormat) -> Made:
    """Return all that is in a file: at most so many rows as the settings allow."""
    rows: list[Row] = []
    dead: list[Dead] = []
    for each in read_reports(reference, file, columns, form):
        if isinstance(each, Dead):
            dead.append(each)
        else:
            rows.append(each)
    return Made({TABLE: rows} if rows else {}, dead=dead)


def read_reports(
    reference: Reference, file: BinaryIO, columns: ReportColumns, form: ReportFormat
) -> Iterator[Row | Dead]:
    """Yield the reports of a file in their order, with a dead letter for each row that cannot be read."""
    try:
        beginning = _checked(file, form)
        if not beginning:
            raise UnreadableError("it is empty; it must have the names of its columns in its first row")
        allow_fields_of(form.max_row_characters)
        header = header_of(beginning, columns, form)
        yield from _few(reference, _rows(reference, file, header, form))
    except UnreadableError as error:
        yield Dead(reference, STAGE, f"The file cannot be read: {error}")


def _checked(file: BinaryIO, form: ReportFormat) -> str:
    """Return the beginning of the text, once all of it is found to be in its encoding."""
    beginning = ""
    for text in texts(octets(file, form.max_unpacked_bytes), form.encoding):
        if len(beginning) < BEGINNING:
            beginning += text
    return beginning


def _rows(reference: Reference, file: BinaryIO, header: Header, form: ReportFormat) -> Iterator[Row | Dead]:
    made = 0
    for event in _events(file, header, form):
        if event.row <= header.row:
            continue
        if made == form.max_rows:
            yield _dead(reference, event, "it and what follows are more than `max_rows`; split the file")
            return
        fields = None if isinstance(event, Broken) else fields_of(event.text, header.separator, form)
        if fields is not None and not any(map(str.strip, fields)) and len(fields) > 1:
            continue  # an empty row of a spreadsheet
        problem = _problem(event, fields, header, form)
        if problem or fields is None:
            yield _dead(reference, event, problem)
        else:
            made += 1
            yield row_of(reference, header, form, (event.row, event.line), fields)


def _events(file: BinaryIO, header: Header, form: ReportFormat) -> Iterator[Record | Broken]:
    splitter = Splitter(header.separator, form)
    for text in texts(octets(file, form.max_unpacked_bytes), form.encoding):
        yield from splitter.receive(text)
    yield from splitter.end()


def _problem(event: Record | Broken, fields: list[str] | None, header: Header, form: ReportFormat) -> str:
    """Return why a record is no report; empty if it is one."""
    if isinstance(event, Broken):
        return event.reason
    if "\0" in event.text:
        return "it has a NUL octet"
    if is_utf8_in_single(event.text, form.encoding):
        return "its octets are UTF-8, and `encoding` says another one"
    if fields is None:
        return "its quotes or line ends are not as they should be"
    if len(fields) != header.width:
        return f"it has {len(fields)} columns, and the first row has {header.width}"
    return ""


def _dead(reference: Reference, event: Record | Broken, problem: str) -> Dead:
    last = event.last_line if isinstance(event, Broken) else event.line
    lines = f"line {event.line}" if last <= event.line else f"lines {event.line} to {last}"
    return Dead(reference, STAGE, f"Row {event.row} ({lines}) cannot be read: {problem}")


def _few(reference: Reference, found: Iterator[Row | Dead]) -> Iterator[Row | Dead]:
    """Yield what is *found*, but of very many dead letters only their number."""
    count: Counter[bool] = Counter()
    for each in found:
        is_dead = isinstance(each, Dead)
        count[is_dead] += 1
        if not is_dead or count[True] <= MOST_DEAD:
            yield each
    if count[True] > MOST_DEAD:
        yield Dead(reference, STAGE, f"{count[True] - MOST_DEAD} more rows cannot be read, for reasons such as these")
