"""What the sandbox's BigQuery does with folders of tables; ``gateway.kinds`` says who does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

Problem = Literal["missing", "exists", "rows", "busy", "damaged", "query", "engine"]


class WarehouseError(Exception):
    """Something that cannot be done with tables; the text has no value of theirs, but for the kind ``query``."""

    def __init__(self, problem: Problem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TableState:
    """What a table is now."""

    fields: list[dict[str, Any]]
    """Its columns, as BigQuery writes them."""
    rows: int
    octets: int
    generation: int
    changed: float
    """Seconds since 1970."""
    labels: Mapping[str, str]


class Warehouse(Protocol):
    """Tables in folders. All methods block, and raise WarehouseError."""

    def names(self, folder: Path) -> list[str]:
        """Return the names of the tables of a folder."""

    def state(self, folder: Path, name: str) -> TableState:
        """Return what a table is now."""

    def create(self, folder: Path, name: str, fields: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
        """Make an empty table."""

    def change(self, folder: Path, name: str, fields: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
        """Add columns to a table, and replace its labels."""

    def drop(self, folder: Path, name: str) -> None:
        """Remove a table."""

    def append(self, folder: Path, name: str, rows: Sequence[Mapping[str, Any]], *, truncate: bool = False) -> None:
        """Add rows, all or none; with *truncate*, instead of those that are there."""

    def parquet_fields(self, files: Sequence[bytes]) -> list[dict[str, Any]]:
        """Return the columns that files of Parquet have, as BigQuery writes them."""

    def append_parquet(self, folder: Path, name: str, files: Sequence[bytes], *, truncate: bool = False) -> int:
        """Add the rows of files of Parquet, as :meth:`append` does; return how many they are."""

    def fhir_row(self, resource: Mapping[str, Any], depth: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return a FHIR resource as a row of ANALYTICS_V2, and its columns, as BigQuery writes them."""

    def query(self, folders: Mapping[str, Path], sql: str, most: int) -> list[tuple[Any, ...]]:
        """Return the first rows of a SELECT over the tables of *folders*, which are schemas of these names."""


OpenWarehouse = Callable[[], Warehouse]
"""Opens the tables; it reads nothing yet, and needs nothing that may not be installed."""
