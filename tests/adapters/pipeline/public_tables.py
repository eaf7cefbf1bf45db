"""A public table with its thumbnails, as the pipeline writes them into buckets that are folders."""

from collections.abc import Sequence
from pathlib import Path

from adapters.pipeline.contract import Row
from adapters.pipeline.dataset.assembling import Part, assemble
from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.manifest import Shape

KEY = f"ab/{'ab' * 32}.webp"
ROWS: Sequence[Row] = (
    {"Modality": "CT", "report": "Small nodule", "thumbnail": KEY},
    {"Modality": "MR", "report": "Clear <b>chest</b>", "thumbnail": None},
    {"Modality": "XA", "report": None, "thumbnail": None},
)
COLUMNS = (Column("Modality"), Column("report"), Column("thumbnail"))


def public_table(folder: Path, rows: Sequence[Row] = ROWS, columns: Sequence[Column] = COLUMNS) -> Path:
    """Write a public table into a folder of a bucket; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    assemble(Tables(folder), "public_table", Shape(tuple(columns)), [Part("ab" * 32, lambda: rows)])
    return folder
