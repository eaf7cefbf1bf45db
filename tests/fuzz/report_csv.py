"""CSV files of reports: whatever the octets, each row is a report or a dead letter, and nothing else is raised."""

import io

from adapters.pipeline.contract import Dead, Reference, Row
from adapters.pipeline.reports.reading import MOST_DEAD, read_reports
from adapters.pipeline.reports.records import Splitter
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from tests.fuzz.source import Source, cut

REFERENCE = Reference("north", "reports/a.csv", "1", 0)
COLUMNS = ReportColumns(accession="A", text="T")
DATED = ReportColumns(accession="A", text="T", date="D", names=("N",), births=("B",))
ENCODINGS = (None, "utf-8", "utf-16", "utf-16-le", "latin-1", "cp1252", "shift_jis")
SECRET = b"Musterfrau"


def target(data: bytes) -> None:
    """Read the octets as a file in one of the dialects, and cut its text in two ways."""
    source = Source(data)
    form = ReportFormat.model_validate(
        {
            "encoding": source.choice(ENCODINGS),
            "separator": source.choice((None, ",", ";", "\t", "|")),
            "quotes": source.choice(("doubled", "escaped")),
            "dates": source.choice((None, "day_first", "month_first")),
            "max_row_characters": 1024,
            "max_rows": 50,
        }
    )
    columns, sizes = source.choice((COLUMNS, DATED)), source.sizes()
    octets = source.rest()
    found = [*read_reports(REFERENCE, io.BytesIO(octets), columns, form)]
    _check(found)
    if not octets.startswith(b"\x1f\x8b"):
        _check_pieces(octets, form, sizes)
    _check_values(octets, columns, form)


def _check(found: list[Row | Dead]) -> None:
    """Check that rows are numbered upwards, and that there are not too many of either sort."""
    rows = [each for each in found if not isinstance(each, Dead)]
    dead = [each for each in found if isinstance(each, Dead)]
    numbers = [row["row"] for row in rows]
    assert numbers == sorted(set(numbers))
    assert len(rows) <= 50
    assert len(dead) <= MOST_DEAD + 1
    assert all("\0" not in row["text"] and len(row["text"]) <= 1024 for row in rows)


def _check_pieces(octets: bytes, form: ReportFormat, sizes: bytes) -> None:
    """Check that the records do not depend on the pieces in which a text comes."""
    text = octets.decode("latin-1")
    events = []
    for pieces in ([text], [piece.decode("latin-1") for piece in cut(octets, sizes)]):
        splitter = Splitter(",", form)
        events.append([event for piece in pieces for event in splitter.receive(piece)] + [*splitter.end()])
    assert events[0] == events[1]


def _check_values(octets: bytes, columns: ReportColumns, form: ReportFormat) -> None:
    """Check that no reason has a value of the file."""
    hidden = octets.replace(b"x", SECRET)
    for each in read_reports(REFERENCE, io.BytesIO(hidden), columns, form):
        if isinstance(each, Dead):
            assert SECRET.decode() not in each.reason
