"""The first row of a CSV file: which separator it has, and where the columns are that are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from adapters.pipeline.reports.fields import fields_of
from adapters.pipeline.reports.records import Record, Splitter
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from adapters.pipeline.reports.unpacking import UnreadableError

SEPARATORS = (",", ";", "\t", "|")
ONE = ("accession", "text", "date", "study", "patient", "status")
SEVERAL = ("names", "numbers", "telephones", "births")


@dataclass(frozen=True, slots=True)
class Header:
    """What the first row says."""

    separator: str
    row: int
    """The row of the header itself: what follows are reports."""
    width: int
    """How many columns each row has."""
    one: dict[str, int]
    """By setting of ``columns``, the number of its column."""
    several: dict[str, tuple[int, ...]]


def header_of(beginning: str, columns: ReportColumns, form: ReportFormat) -> Header:
    """Return the header at the *beginning* of a file; raises UnreadableError, with the setting that does not fit."""
    told = next(_records(beginning, ",", form), None)
    # Excel writes and reads this line.
    named = told.text.strip("\r\n").lower().removeprefix("sep=") if told and told.text[:4].lower() == "sep=" else None
    if named is not None and named not in SEPARATORS:
        raise UnreadableError("its first line names a separator that is none of comma, semicolon, tab and |")
    tried = [form.separator] if form.separator else [named] if named else list(SEPARATORS)
    found: list[Header] = []
    problem = "it has no first row with the names of its columns"
    for separator in tried:
        try:
            found.append(_header(beginning, separator, columns, form, skipped=named is not None))
        except UnreadableError as error:
            problem = str(error)
    if len(found) > 1:
        raise UnreadableError("its first row can be read with two separators; set `separator`")
    if not found:
        raise UnreadableError(problem if len(tried) == 1 else _of_all(beginning, columns, form))
    return found[0]


def _of_all(beginning: str, columns: ReportColumns, form: ReportFormat) -> str:
    """Return the problem with the separator that divides the first row into the most columns."""
    rows = ((separator, next(_records(beginning, separator, form), None)) for separator in SEPARATORS)
    widths = {sep: len(fields_of(row.text, sep, form) or ()) for sep, row in rows if row is not None}
    if not widths:
        return "it has no first row with the names of its columns"
    try:
        _header(beginning, max(widths, key=lambda each: widths[each]), columns, form, skipped=False)
    except UnreadableError as error:
        return str(error)
    return "its first row cannot be read"


def _records(beginning: str, separator: str, form: ReportFormat) -> Iterator[Record]:
    splitter = Splitter(separator, form)
    for event in chain(splitter.receive(beginning), splitter.end()):
        if not isinstance(event, Record):
            return
        yield event


def _header(beginning: str, separator: str, columns: ReportColumns, form: ReportFormat, *, skipped: bool) -> Header:
    records = _records(beginning, separator, form)
    if skipped:
        next(records, None)
    record = next(records, None)
    names = None if record is None else fields_of(record.text, separator, form)
    if record is None or names is None:
        raise UnreadableError("its first row cannot be read; it must have the names of its columns")
    if "\0" in record.text:
        raise UnreadableError("it has NUL octets, as UTF-16 has; set `encoding`")
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(_name(name), []).append(place)
    one = {key: _place(key, name, places) for key in ONE if (name := getattr(columns, key)) is not None}
    several = {key: tuple(_place(key, name, places) for name in getattr(columns, key)) for key in SEVERAL}
    return Header(separator, record.row, len(names), one, several)


def _place(key: str, name: str, places: dict[str, list[int]]) -> int:
    found = places.get(_name(name), [])
    if not found:
        raise UnreadableError(f"its first row has no column that `columns.{key}` names")
    if len(found) > 1:
        raise UnreadableError(f"its first row has two columns that `columns.{key}` names; rename one of them")
    return found[0]


def _name(text: str) -> str:
    return text.strip().casefold()
