"""CSV files in any honest dialect become reports; whatever is wrong in one costs that row, and nothing else."""

import csv
import gzip
import io
import tracemalloc
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pipeline.reports.reading import MOST_DEAD, read_reports, reports_of
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from tests.adapters.pipeline.reports.files import COLUMNS, HEAD, REFERENCE, read


def texts(content: bytes | str, **form: Any) -> list[tuple[str, str | None, str]]:
    """Return the accession number, the date and the text of each report of a file without dead letters."""
    rows, dead = read(content, **form)
    assert dead == []
    return [(row["accession"], row["report_date"], row["text"]) for row in rows]


MANY = [("A1", "2021-03-04", 'Befund: "klein", 3 cm;\nunauffällig|ja\there'), ("A2", "2021-03-05", "ohne")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_dialects(separator: str, ending: str, encoding: str) -> None:
    """The separator is found by the names of the columns; the encoding is the one that is set, or UTF-8 and UTF-16."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator=ending).writerows([HEAD.strip().split(","), *MANY])
    content = file.getvalue().encode(encoding)
    assert MANY == texts(content, encoding=encoding)
    if encoding.startswith("utf"):
        assert MANY == texts(content)


def test_escaped_quotes() -> None:
    """Quotes that are escaped by a backslash are read if the setting says so, and otherwise it is named."""
    content = HEAD + 'A1,20210304,"a \\"small\\" one, 3 cm"\n'
    assert [("A1", "2021-03-04", 'a "small" one, 3 cm')] == texts(content, quotes="escaped")
    rows, dead = read(content)
    assert rows == []
    assert "set `quotes` to escaped" in dead[0]


def test_excel() -> None:
    """Its first line may name the separator, empty rows are none, and its guard of numbers is taken off."""
    content = 'sep=;\r\nacc_no ;Report_Date;REPORT\r\n"=""0012""";04.03.2021;x\r\n;;\r\n'
    rows, dead = read(content, dates="day_first")
    assert dead == []
    assert [("0012", "2021-03-04", 3, 3)] == [
        (row["accession_key"], row["report_date"], row["row"], row["line"]) for row in rows
    ]


def test_row() -> None:
    """A row says where it is from, and which other columns name somebody."""
    columns = ReportColumns(
        accession="A", text="T", study="S", patient="P", status="F", names=("N", "M"), numbers=("V",), births=("B",)
    )
    rows, dead = read("A,T,S,P,F,N,M,V,B\n a1^RIS ,t,1.2.3,p7,C,Doe,,v,1954-03-07\n", columns)
    assert dead == []
    row = dict(rows[0])
    assert len(row.pop("report_id")) == 32
    assert row == {
        "hospital": "north",
        "object": "reports/march.csv",
        "version": "v1",
        "modified": "2021-03-05T10:00:00Z",
        "row": 2,
        "line": 2,
        "accession": "a1^RIS",
        "accession_key": "A1",
        "study": "1.2.3",
        "patient": "p7",
        "patient_key": "P7",
        "status": "C",
        "report_date": None,
        "report_time": None,
        "date_problem": "",
        "text": "t",
        "known": {"names": ["Doe"], "numbers": ["v"], "telephones": [], "births": ["1954-03-07"]},
    }


SECRET = "Musterfrau"
BAD_ROWS = {
    "too few columns": (f"A1,{SECRET}\n", "it has 2 columns, and the first row has 3"),
    "too many columns": (f"A1,,{SECRET},x\n", "it has 4 columns"),
    "a NUL octet": (f"A1,,{SECRET}\0\n", "it has a NUL octet"),
    "an inner quote": (f'A1,,"{SECRET} "x""\n', "a quote stands within a quoted text"),
    "a large row": (f'A1,,"{SECRET * 200}"\n', "more characters than"),
}


@pytest.mark.parametrize(("bad", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_row(bad: str, reason: str) -> None:
    """A row that cannot be read is a dead letter with its number and without a value; the others are read."""
    rows, dead = read(HEAD + "A0,,good\n" + bad + "A2,,good\n", max_row_characters=1024)
    assert ["A0", "A2"] == [row["accession"] for row in rows]
    assert len(dead) == 1
    assert "Row 3 (line 3) cannot be read: " in dead[0]
    assert reason in dead[0]
    assert SECRET not in dead[0]


def test_endless_quote() -> None:
    """Where the next quoted text shows that one did not end, only that row is lost; else what follows it is."""
    rows, dead = read(HEAD + 'A0,,"endless\nA1,,"good"\nA2,,good\n')
    assert ["A1", "A2"] == [row["accession"] for row in rows]
    assert "Row 2 (line 2)" in dead[0]
    rows, dead = read(HEAD + 'A0,,good\nA1,,"endless\nA2,,maybe its text\n')
    assert ["A0"] == [row["accession"] for row in rows]
    assert "Row 3 (lines 3 to 4)" in dead[0]


def test_date_with_two_readings() -> None:
    """Then the report has none, and says so."""
    rows, dead = read(HEAD + "A1,03/04/2021,x\n")
    assert dead == []
    assert rows[0]["report_date"] is None
    assert "set `dates`" in rows[0]["date_problem"]


BAD_FILES = {
    "is empty": (b"", {}, "it is empty"),
    "has no columns": (b"X,Y\n1,2\n", {}, "no column that `columns.accession` names"),
    "lacks one": (b"ACC_NO;REPORT\n", {}, "no column that `columns.date` names"),
    "has one twice": (b"ACC_NO,REPORT_DATE,REPORT,REPORT\n", {}, "two columns that `columns.text` names"),
    "is cp1252": (HEAD.encode() + "A1,,Müller\n".encode("cp1252"), {}, "not in the encoding that"),
    "is UTF-8": (HEAD.encode() + "A1,,Müller\n".encode(), {"encoding": "cp1252"}, "its octets are UTF-8"),
    "is cp1252 as Latin-1": (HEAD.encode() + b"A1,,\x84x\x93\n", {"encoding": "latin-1"}, "try cp1252"),
    "has no such octet": (HEAD.encode() + b"A1,,\x81\n", {"encoding": "cp1252"}, "not in the encoding that"),
    "is UTF-16 without a mark": (HEAD.encode("utf-16-le"), {}, "as UTF-16 has; set `encoding`"),
    "has another mark": (HEAD.encode("utf-8-sig"), {"encoding": "cp1252"}, "its byte order mark is that of another"),
    "has no mark": (HEAD.encode("utf-16-le"), {"encoding": "utf-16"}, "set `encoding` to utf-16-le or utf-16-be"),
    "is binary": (bytes(range(256)) * 64, {"encoding": "latin-1"}, "try cp1252"),
    "is half a gzip": (gzip.compress(HEAD.encode() * 9)[:-9], {}, "a gzip file that ends too early"),
    "is no gzip": (b"\x1f\x8b" + b"x" * 99, {}, "no sound gzip file"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "form", "reason"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file(content: bytes, form: dict[str, Any], reason: str) -> None:
    """A file that cannot be read as a whole is one dead letter, and none of its rows is read."""
    rows, dead = read(content, **form)
    assert rows == []
    assert len(dead) == 1
    assert "The file cannot be read: " in dead[0]
    assert reason in dead[0]


def test_utf8_among_others() -> None:
    """One row in UTF-8 in a file of cp1252 is a dead letter: its letters would be others."""
    content = HEAD.encode() + "A1,,Müller\n".encode("cp1252") + "A2,,Müller \u2013 3\n".encode() + b"A3,,ok\n"
    rows, dead = read(content, encoding="cp1252")
    assert ["Müller", "ok"] == [row["text"] for row in rows]
    assert ["Row 3 (line 3) cannot be read: its octets are UTF-8, and `encoding` says another one"] == dead


def test_gzip() -> None:
    """A compressed file is read, also in several members."""
    halves = (HEAD + "A1,2021-03-04,x\n").encode(), b"A2,2021-03-05,y\n"
    rows, dead = read(b"".join(map(gzip.compress, halves)))
    assert dead == []
    assert ["A1", "A2"] == [row["accession"] for row in rows]


def test_many_bad_rows() -> None:
    """Of very many dead letters only the first are told, and the number of the others; rows have a limit, too."""
    rows, dead = read(HEAD + "x\n" * (MOST_DEAD + 7) + "A1,,x\n")
    assert len(rows) == 1
    assert len(dead) == MOST_DEAD + 1
    assert dead[-1].startswith("7 more rows")
    rows, dead = read(HEAD + "A1,,x\n" * 5, max_rows=3)
    assert len(rows) == 3
    assert ["Row 5 (line 5) cannot be read: it and what follows are more than `max_rows`; split the file"] == dead


def test_made() -> None:
    """What a stage makes of the file has the rows by their table."""
    made = reports_of(REFERENCE, io.BytesIO((HEAD + "A1,,x\ny\n").encode()), COLUMNS, ReportFormat())
    assert ["A1"] == [row["accession"] for row in made.rows["reports"]]
    assert len(made.dead) == 1
    assert reports_of(REFERENCE, io.BytesIO(b""), COLUMNS, ReportFormat()).rows == {}


class Endless(io.RawIOBase):
    """A large file: its beginning, and then the same octets again and again."""

    def __init__(self, beginning: bytes, again: bytes, size: int) -> None:
        self._beginning, self._again, self._size, self._at = beginning, again, size, 0

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to the beginning; nothing else is asked for."""
        self._at = place
        return place

    def read(self, count: int = -1) -> bytes:
        """Return the next octets."""
        if self._at == 0:
            self._at = len(self._beginning)
            return self._beginning
        made = self._again * (min(count, self._size - self._at) // len(self._again))
        self._at += len(made)
        return made


SIZE = 12 * 1024 * 1024
LARGE = {
    "one line": (HEAD.encode() + b"A1,,", b"x", 1),
    "one quoted text": (HEAD.encode() + b'A1,,"', b"x\n", 1),
    "rows that are none": (HEAD.encode(), b"x" * 1000 + b"\n", MOST_DEAD + 1),
    "no header": (b"x", b"x", 1),
}


@pytest.mark.parametrize(("beginning", "again", "dead"), LARGE.values(), ids=LARGE)
def test_memory_is_flat(beginning: bytes, again: bytes, dead: int) -> None:
    """A file that is one line, or one quoted text, gives a dead letter in little memory."""
    file = cast("BinaryIO", Endless(beginning, again, SIZE))
    tracemalloc.start()
    found = [*read_reports(REFERENCE, file, COLUMNS, ReportFormat(max_row_characters=65536))]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == dead
    assert peak < 3 * 1024 * 1024


def test_bomb() -> None:
    """A file that unpacks to far more than it holds is given up early."""
    rows, dead = read(gzip.compress(HEAD.encode() + b"A" * (20 * 1024 * 1024), 9))
    assert rows == []
    assert "unpacks to far more" in dead[0]
    rows, dead = read(gzip.compress(HEAD.encode() * 100), max_unpacked_bytes=1024)
    assert "unpacks to far more" in dead[0]


TEXT = st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=30)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.from_regex(r"[A-Z][0-9]{1,6}", fullmatch=True), TEXT), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_what_is_written_is_read(reports: list[tuple[str, str]], separator: str, encoding: str) -> None:
    """Whatever text the csv module writes is the text that is read."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([("ACC_NO", "REPORT"), *reports])
    columns = ReportColumns(accession="ACC_NO", text="REPORT")
    rows, dead = read(file.getvalue().encode(encoding), columns, encoding=encoding)
    assert dead == []
    assert reports == [(row["accession"], row["text"]) for row in rows]
