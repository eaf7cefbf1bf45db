"""The first row tells the separator and the places of the columns."""

import pytest

from adapters.pipeline.reports.header import header_of
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from adapters.pipeline.reports.unpacking import UnreadableError

COLUMNS = ReportColumns(accession="Acc", text="Text")


@pytest.mark.parametrize(
    ("beginning", "separator", "row", "places"),
    [
        ("Acc,Text\n1,2\n", ",", 1, (0, 1)),
        ("x;TEXT; acc \n", ";", 1, (2, 1)),
        ('"Acc"\t"Te,xt"\t"Text"', "\t", 1, (0, 2)),
        ('"two\nlines"|Acc|Text\n', "|", 1, (1, 2)),
        ("\nAcc,Text\n", ",", 2, (0, 1)),
        ("SEP=;\nAcc;Text\n", ";", 2, (0, 1)),
    ],
)
def test_found(beginning: str, separator: str, row: int, places: tuple[int, int]) -> None:
    """The separator is that with which the columns are there."""
    header = header_of(beginning, COLUMNS, ReportFormat())
    assert (separator, row) == (header.separator, header.row)
    assert places == (header.one["accession"], header.one["text"])


@pytest.mark.parametrize(
    ("beginning", "separator", "reason"),
    [
        ("Acc,Text\n", ";", "no column that `columns.accession` names"),
        ("a;b;Acc\n", None, "no column that `columns.text` names"),
        ("sep=#\nAcc#Text", None, "names a separator that is none of"),
        ('"Acc', None, "no first row"),
        ("\n\n", None, "no first row"),
        ("A\0c,Text", None, "NUL octets"),
    ],
)
def test_not_found(beginning: str, separator: str | None, reason: str) -> None:
    """Otherwise the reason names the setting."""
    with pytest.raises(UnreadableError, match=reason):
        header_of(beginning, COLUMNS, ReportFormat.model_validate({"separator": separator}))


def test_two_separators() -> None:
    """If two separators fit, nobody knows which is meant."""
    columns = ReportColumns(accession="A", text="B")
    assert header_of("A;x,B;x,y;B", columns, ReportFormat()).separator == ";"
    both = 'A,";A;",B,";B;x"'
    with pytest.raises(UnreadableError, match="two separators"):
        header_of(both, columns, ReportFormat())
    assert header_of(both, columns, ReportFormat(separator=",")).width == 4
