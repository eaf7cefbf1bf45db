"""The kind ``table`` of destination."""

from collections.abc import Mapping
from pathlib import Path

from adapters.tables.settings import TableSettings
from gateway.contract.errors import ConfigError
from gateway.contract.kind import DestinationKind, Store, Tools
from gateway.contract.tables import TablesAt
from gateway.contract.warehouse import Warehouse

FOLDER = "tables"
"""The folder below ``data_dir``."""


def folder_of(settings: TableSettings | None, data_dir: Path | None) -> Path | None:
    """Return the folder of the tables, without settings the usual one; None if there is no data directory either."""
    if settings is not None and settings.folder is not None:
        return settings.folder
    return None if data_dir is None else data_dir / FOLDER


def open_tables(folders: Mapping[str, Path]) -> TablesAt:
    """Return the tables of *folders*, by schema; raises TablesError without DuckDB."""
    from adapters.tables.operating import open_tables as opened  # noqa: PLC0415  only for those who ask tables

    return opened(folders)


def open_warehouse() -> Warehouse:
    """Return what the sandbox's BigQuery has as its tables."""
    from adapters.tables.serving import FoldersOfBigQuery  # noqa: PLC0415  only for the sandbox

    return FoldersOfBigQuery()


def _open(name: str, settings: TableSettings, tools: Tools) -> Store:
    from adapters.tables.destination import TableDestination  # noqa: PLC0415  only for those who use it

    folder = folder_of(settings, tools.data_dir)
    if folder is None:
        raise ConfigError(f"destinations.{name}.folder: there is no data_dir; name a folder")
    return TableDestination(name, settings, folder)


TABLE = DestinationKind(
    "table",
    TableSettings,
    frozenset({"dicom", "hl7v2", "fhir"}),
    _open,
    once_per_gateway=True,
    reads_ranges=True,
)
