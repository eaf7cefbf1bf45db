"""Values that fit their columns, and values that do not."""

from typing import Any

import pytest

from adapters.tables.columns import Column
from adapters.tables.dicom.dictionary import PERSON
from adapters.tables.dicom.fitting import MisfitError, fitted

TEXT, TEXTS, NUMBER = Column("x"), Column("x", "STRING", "REPEATED"), Column("x", "INTEGER")
DAY, TIME, INSTANT = Column("x", "DATE"), Column("x", "TIME"), Column("x", "TIMESTAMP")
NAME = Column("x", "RECORD", fields=PERSON)


def fit(column: Column, *values: Any, texts: list[str] | None = None, zone: str = "+0000") -> Any:
    """Return what a row has for these values."""
    return fitted(column, {"vr": "XX", "Value": list(values)} if values else {"vr": "XX"}, texts, zone)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (TEXT, "a", "a"),
        (NUMBER, 2**63 - 1, 2**63 - 1),
        (NUMBER, "7FE00010", 0x7FE00010),
        (Column("x", "FLOAT"), 1, 1.0),
        (DAY, "20240229", "2024-02-29"),
        (TIME, "10", "10:00:00"),
        (TIME, "1020", "10:20:00"),
        (TIME, "102030.5", "10:20:30.5"),
        (INSTANT, "20260131", "2026-01-31T00:00:00+00:00"),
        (INSTANT, "20260131102030.25-0130", "2026-01-31T10:20:30.25-01:30"),
        (NAME, {"Alphabetic": "A^B"}, {"Alphabetic": "A^B"}),
    ],
)
def test_fits(column: Column, value: Any, expected: Any) -> None:
    """A value of the right form is in the row."""
    assert expected == fit(column, value)


def test_lists_and_nothing() -> None:
    """A column with several values has a list; nothing is NULL, or an empty list."""
    assert (["a", "b"], [], None) == (fit(TEXTS, "a", "b"), fit(TEXTS), fit(TEXT))
    assert ["1.50"] == fit(TEXTS, 1.5, texts=["1.50"])


def test_zone() -> None:
    """A time without a zone is in that of its instance."""
    assert "2026-01-31T10:00:00+02:00" == fit(INSTANT, "2026013110", zone="+0200")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (TEXT, ["a", "b"]),
        (TEXT, [1]),
        (NUMBER, [2**63]),
        (NUMBER, ["a"]),
        (NUMBER, ["ABCDEFGX"]),
        (DAY, ["20260230"]),
        (DAY, ["2026.01.31"]),
        (DAY, [""]),
        (DAY, ["²0260131"]),
        (TIME, ["2460"]),
        (TIME, ["235960"]),
        (TIME, ["10:20"]),
        (INSTANT, ["2026"]),
        (INSTANT, ["202601"]),
        (INSTANT, ["20260131102030+9900"]),
        (NAME, ["A^B"]),
    ],
)
def test_misfits(column: Column, values: list[Any]) -> None:
    """A value is never made to fit."""
    with pytest.raises(MisfitError):
        fit(column, *values)


def test_binary_and_zones() -> None:
    """Binary values fit no column; a time in a zone that is none has no instant."""
    with pytest.raises(MisfitError):
        fitted(TEXT, {"vr": "OB", "InlineBinary": "AA=="}, None, "+0000")
    with pytest.raises(MisfitError):
        fit(INSTANT, "20260131", zone="UTC")
