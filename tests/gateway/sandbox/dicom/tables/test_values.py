"""Values of columns."""

from typing import Any

import pytest

from gateway.sandbox.dicom.tables.values import MisfitError, read

GOOD: list[tuple[str, Any, Any]] = [
    ("DS", "1.50", "1.50"),
    ("IS", "007", "007"),
    ("DS", 1.5, "1.5"),
    ("US", 5, 5),
    ("AT", "00100020", 0x00100020),
    ("FD", 0.25, 0.25),
    ("DA", "20240229", "2024-02-29"),
    ("TM", "07", "07:00:00.000000"),
    ("TM", "070809.5", "07:08:09.500000"),
    ("DT", "2024", "2024-01-01 00:00:00.000000+00:00"),
    ("DT", "20240102030405.25+0130", "2024-01-02 01:34:05.250000+00:00"),
    ("DT", "20240102030405-0130", "2024-01-02 04:34:05.000000+00:00"),
    ("PN", {"Alphabetic": "A^B", "Phonetic": "C"}, {"Alphabetic": "A^B", "Phonetic": "C"}),
]
WRONG: list[tuple[str, Any]] = [
    ("DA", "20240230"),
    ("DA", "2024.01.02"),
    ("DA", "2024"),
    ("TM", "25"),
    ("TM", "070860"),
    ("DT", "20241301"),
    ("DT", "99991231235959-1400"),
    ("US", "x"),
    ("US", True),
    ("UV", 2**64),
    ("AT", "Quagmire"),
    ("FD", "x"),
    ("PN", "A^B"),
    ("LO", {"a": 1}),
]


@pytest.mark.parametrize(("vr", "value", "expected"), GOOD)
def test_good(vr: str, value: Any, expected: Any) -> None:
    """Each type is written as BigQuery reads it; decimal strings keep their digits."""
    assert read(vr, value) == expected


@pytest.mark.parametrize(("vr", "value"), WRONG)
def test_wrong(vr: str, value: Any) -> None:
    """What is not of its type is an error that does not quote it."""
    with pytest.raises(MisfitError) as raised:
        read(vr, value)
    assert str(raised.value) == ""
