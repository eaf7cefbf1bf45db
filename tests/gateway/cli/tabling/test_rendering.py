"""Rows as a table, CSV and JSON."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

from gateway.cli.tabling.rendering import WIDEST, as_csv, as_json, as_table, facts_table
from gateway.contract.tables import TableFacts

ROW = (
    "a",
    1,
    None,
    date(2026, 1, 31),
    time(10, 20),
    datetime(2026, 1, 31, tzinfo=UTC),
    [{"x": Decimal("1.50")}],
    b"\x01",
)
NAMES = tuple("abcdefgh")


def test_table() -> None:
    """Columns are aligned, long values are cut, and nothing can control the terminal."""
    lines = list(as_table(("n", "text"), [(1, "\x1b[2J"), (22, "x" * 100)]))
    assert ["n   text", "--  " + "-" * WIDEST] == lines[:2]
    assert ["1   \\x1b[2J", "22  " + "x" * (WIDEST - 1) + "…"] == lines[2:]


def test_csv() -> None:
    """Quotes and line ends are quoted, lists are JSON, NULL is empty."""
    expected = 'a,1,,2026-01-31,10:20:00,2026-01-31T00:00:00+00:00,"[{""x"": ""1.50""}]",01'
    assert f"{','.join(NAMES)}\r\n{expected}\r\n" == as_csv(NAMES, [ROW])
    assert 'x\r\n"a""b\nc"\r\n' == as_csv(["x"], [['a"b\nc']])


def test_json() -> None:
    """Each row is an object."""
    (line,) = as_json(NAMES, [ROW])
    assert {"a": "a", "b": 1, "c": None, "g": [{"x": "1.50"}]}.items() <= json.loads(line).items()


def test_facts() -> None:
    """The list of tables is a table."""
    assert (
        "t      hl7v2     5     1         1.5 MB" == list(facts_table([TableFacts("t", "hl7v2", 5, 1, 1_500_000)]))[2]
    )
