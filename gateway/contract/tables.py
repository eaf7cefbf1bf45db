"""What the command line does with tables; ``gateway.kinds`` says who does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class TablesError(Exception):
    """Something that cannot be done with tables; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What `hilum tables CONFIG list` says of a table."""

    name: str
    what: str
    """What its rows are, such as ``dicom/nested``."""
    rows: int
    segments: int
    octets: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]


class TablesAt(Protocol):
    """The tables of some folders. All methods block, and raise TablesError."""

    def facts(self) -> list[TableFacts]:
        """Return what there is."""

    def schema(self, name: str) -> list[dict[str, Any]]:
        """Return the columns of a table as BigQuery writes them."""

    def compact(self, name: str) -> str:
        """Make few files of many; return a sentence on what was done."""

    def load(self, name: str, files: Sequence[Path]) -> int:
        """Add the rows of Parquet files to a table, which is made if need be; return how many they are."""

    def problems(self, name: str) -> list[str]:
        """Read a table completely; return what is wrong with it."""

    def named(self, sql: str) -> list[str]:
        """Return the tables that a query names; of one that cannot be read, those whose names are in it."""

    def query(self, sql: str, most: int | None) -> Answer:
        """Return the answer to one SELECT, or its first *most* rows."""


OpenTables = Callable[[Mapping[str, Path]], TablesAt]
"""Opens the tables of folders by the name of their schema; ``main`` is the one that a query need not name."""
