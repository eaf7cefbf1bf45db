"""The fields of one record."""

import csv

from adapters.pipeline.reports.fields import allow_fields_of, fields_of
from adapters.pipeline.reports.settings import ReportFormat

FORM, ESCAPED = ReportFormat(), ReportFormat(quotes="escaped")


def test_fields() -> None:
    """They are as the csv module reads them; what it does not take strictly is none."""
    assert ["a", 'b"\n', ""] == fields_of('a,"b""\n",\r\n', ",", FORM)
    assert ["a", 'b"'] == fields_of('a;"b\\""', ";", ESCAPED)
    assert fields_of('a,"b"c', ",", FORM) is None
    assert fields_of('a,"b', ",", FORM) is None
    assert fields_of("a\nb", ",", FORM) is None
    assert [] == fields_of("", ",", FORM)


def test_long_fields() -> None:
    """The limit of the csv module is only raised."""
    before = csv.field_size_limit()
    allow_fields_of(10)
    assert before == csv.field_size_limit()
    allow_fields_of(before + 10)
    assert ["x" * (before + 10)] == fields_of("x" * (before + 10), ",", FORM)
    csv.field_size_limit(before)
