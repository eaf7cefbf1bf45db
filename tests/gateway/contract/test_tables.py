"""What the command line asks of tables."""

from adapters.tables.operating import open_tables
from gateway.contract.tables import OpenTables, TableFacts


def test_who_does_it() -> None:
    """The tables of ``adapters`` are such tables, which mypy checks; facts are compared by their values."""
    opens: OpenTables = open_tables
    assert opens is open_tables
    assert TableFacts("t", "hl7v2", 1, 1, 10) == TableFacts("t", "hl7v2", 1, 1, 10)
