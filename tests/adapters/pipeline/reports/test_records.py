"""Records are cut as Python's csv module reads them, however the text comes; broken ones take no others along."""

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.reports.records import ENDLESS, INNER_QUOTE, TOO_LONG, Broken, Record, Splitter
from adapters.pipeline.reports.settings import ReportFormat

FORM = ReportFormat(max_row_characters=1024)
ESCAPED = ReportFormat(max_row_characters=1024, quotes="escaped")
LONG = "x" * 1100


def cut(text: str, size: int = 1 << 16, form: ReportFormat = FORM, separator: str = ",") -> list[Record | Broken]:
    """Return the events of *text*, which comes in pieces of *size*."""
    splitter = Splitter(separator, form)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return [event for piece in pieces for event in splitter.receive(piece)] + [*splitter.end()]


CASES = {
    "nothing": ("", []),
    "one without a line end": ("a,b", [Record(1, 1, "a,b")]),
    "three line ends": (
        "a\nb\rc\r\nd",
        [Record(1, 1, "a\n"), Record(2, 2, "b\r"), Record(3, 3, "c\r\n"), Record(4, 4, "d")],
    ),
    "blank lines count and are no records": ("a\n\n\r\nb", [Record(1, 1, "a\n"), Record(4, 4, "b")]),
    "a line feed in quotes": ('a,"b\nc"\nd', [Record(1, 1, 'a,"b\nc"\n'), Record(2, 3, "d")]),
    "doubled quotes": ('"a""\n""b"\nc', [Record(1, 1, '"a""\n""b"\n'), Record(2, 3, "c")]),
    "a quote within a plain field": ('a"b\nc"', [Record(1, 1, 'a"b\n'), Record(2, 2, 'c"')]),
    "a quote within quotes": ('a,"b "c" d"\ne', [Broken(1, 1, 1, INNER_QUOTE), Record(2, 2, "e")]),
    "the line on which it shows is read": (
        'a,"b\nc,"d"\ne',
        [Broken(1, 1, 1, INNER_QUOTE), Record(2, 2, 'c,"d"\n'), Record(3, 3, "e")],
    ),
    "what lies between is not": ('a,"b\nc,d\ne,"f"', [Broken(1, 1, 2, INNER_QUOTE), Record(2, 3, 'e,"f"')]),
    "an endless quote": ('a\nb,"c\nd,e\n', [Record(1, 1, "a\n"), Broken(2, 2, 3, ENDLESS)]),
    "too long": (f"a\n{LONG}\nb", [Record(1, 1, "a\n"), Broken(2, 2, 2, TOO_LONG), Record(3, 3, "b")]),
    "too long within quotes": (f'"{LONG}\n\n{LONG}"\nb', [Broken(1, 1, 3, TOO_LONG), Record(2, 4, "b")]),
    "too long, then broken": (f'"{LONG}\n"x\nb', [Broken(1, 1, 2, TOO_LONG), Record(2, 3, "b")]),
    "too long without an end, and a line end": (
        f'"{LONG}\r\n',
        [Broken(1, 1, 1, ENDLESS)],
    ),
    "too long without an end": (f'a\n"{LONG}\nb', [Record(1, 1, "a\n"), Broken(2, 2, 3, ENDLESS)]),
}


@pytest.mark.parametrize("size", [1, 2, 3, 1 << 16])
@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES)
def test_cut(text: str, events: list[Record | Broken], size: int) -> None:
    """The events do not depend on the pieces."""
    assert events == cut(text, size)


def test_escaped() -> None:
    """With escaped quotes a backslash protects what is behind it, within quotes and without."""
    text = '"a\\",\n"\\"",\\\nx\nb'
    assert [Broken(1, 1, 1, INNER_QUOTE)] == cut('"a\\" b"\n')
    assert [Record(1, 1, '"a\\",\n"\n'), Record(2, 3, "b")] == cut('"a\\",\n"\nb', form=ESCAPED)
    for size in (1, 2, 3, 100):
        assert cut(text, 100, ESCAPED) == cut(text, size, ESCAPED)


FIELDS = st.text(st.sampled_from('ab ,;"\\\n\r'), max_size=8)
ROWS = st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=6)


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\r\n", "\n"]), st.integers(1, 30))
def test_what_is_written_is_read(rows: list[list[str]], separator: str, ending: str, size: int) -> None:
    """What the csv module writes is cut into as many records, and it reads each of them alone as it was."""
    file = io.StringIO(newline="")
    if ending == "\r\n":
        csv.writer(file, delimiter=separator, lineterminator=ending).writerows(rows)
    else:  # else a CR is written without quotes
        csv.writer(file, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    events = cut(file.getvalue(), size, separator=separator)
    assert rows == [
        next(csv.reader([event.text], delimiter=separator, strict=True))
        for event in events
        if isinstance(event, Record)
    ]


@given(st.text(st.sampled_from('ab,"\\\n\r'), max_size=60), st.sampled_from([FORM, ESCAPED]))
def test_records_as_csv_cuts_them(text: str, form: ReportFormat) -> None:
    """Where the csv module finds nothing wrong, it reads the same rows of the whole text."""
    escape = "\\" if form is ESCAPED else None
    events = cut(text, form=form)
    if any(isinstance(event, Broken) for event in events):
        return
    try:
        whole = [*csv.reader(io.StringIO(text, newline=""), strict=True, escapechar=escape)]
    except csv.Error:
        return
    alone = [
        next(csv.reader([event.text], strict=True, escapechar=escape)) for event in events if isinstance(event, Record)
    ]
    assert alone == [row for row in whole if row]


@given(st.text(st.sampled_from('ab,"\\\n\r'), max_size=80), st.sampled_from([FORM, ESCAPED]), st.integers(1, 9))
def test_pieces(text: str, form: ReportFormat, size: int) -> None:
    """Whatever the text, the events are the same however it comes, and their rows and lines only grow."""
    events = cut(text, form=form)
    assert events == cut(text, size, form)
    assert all(one.row < other.row and one.line <= other.line for one, other in pairwise(events))
