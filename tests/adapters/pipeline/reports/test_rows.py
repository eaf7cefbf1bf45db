"""A row names its report by where it is from."""

from dataclasses import replace

from adapters.pipeline.reports.rows import report_id
from tests.adapters.pipeline.reports.files import HEAD, REFERENCE, read


def test_report_id() -> None:
    """Another row, file, version or hospital gives another name; the same gives the same."""
    others = [replace(REFERENCE, key="x"), replace(REFERENCE, version="v2"), replace(REFERENCE, hospital="south")]
    ids = {report_id(REFERENCE, 2), report_id(REFERENCE, 3), *(report_id(each, 2) for each in others)}
    assert len(ids) == 5
    assert read(HEAD + "A1,,x\n")[0][0]["report_id"] == report_id(REFERENCE, 2)


def test_what_spreadsheets_take_for_formulas() -> None:
    """A text stays as it is, whatever it begins with; blanks around an accession number do not count."""
    row = read(HEAD + " a1 ,2021-03-04 10:00,=1+1\n")[0][0]
    assert ("=1+1", "a1", "A1") == (row["text"], row["accession"], row["accession_key"])
    assert ("2021-03-04", "2021-03-04T10:00:00") == (row["report_date"], row["report_time"])
