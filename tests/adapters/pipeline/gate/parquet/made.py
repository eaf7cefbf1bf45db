"""Parquet files for the tests, as the pipeline writes them."""

from pathlib import Path
from typing import Any

from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.manifest import Shape
from adapters.tables.parquet import write_query
from adapters.tables.views import SEGMENTS

COLUMNS = (
    Column("Modality"),
    Column("report"),
    Column("StudyDate", "DATE"),
    Column("Images", "INTEGER"),
    Column("Kinds", "STRING", "REPEATED"),
    Column("Name", "RECORD", fields=(Column("Alphabetic"), Column("Phonetic"))),
)
NAMES = frozenset(each.name for each in COLUMNS)


def row(number: int, **more: Any) -> dict[str, Any]:
    """Return one row."""
    return {
        "Modality": "CT",
        "report": f"No change since examination {number}, nothing else to report.",
        "StudyDate": "2024-05-08",
        "Images": number,
        "Kinds": ["ORIGINAL", "PRIMARY"],
        "Name": {"Alphabetic": "x", "Phonetic": None},
        **more,
    }


def segment(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Return the file that holds the rows of a new table."""
    tables = Tables(folder)
    tables.create("public", Shape(COLUMNS))
    with tables.writer("public") as table:
        table.append(rows)
        return table.folder / SEGMENTS / table.manifest.segments[0].name


def compressed(folder: Path, rows: list[dict[str, Any]], compression: str) -> Path:
    """Return such a file in another compression."""
    segment(folder, rows)
    with Tables(folder).writer("public") as table:
        source = table.folder / SEGMENTS / table.manifest.segments[0].name
        query = f"SELECT * FROM read_parquet('{source}')"
        made = write_query(table.connection, table.folder, table.manifest.shape, query, compression=compression)
        return source.with_name(made.name)
