"""What became of the objects of imports, from their ledgers; in place of each reason its sort.

A reason may have words of a store; a metric has a few sorts only.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gateway.telemetry.import_metrics import ImportCount

FOLDER, ENDING = "import", ".ledger"
COUNTS = "SELECT state, reason, count(*), sum(stored) FROM objects GROUP BY state, reason"
FIRST = ": the first: "
"""Stands before the first reason of an object with several messages (``cli.importing.verdicts``)."""
SORTS = {
    "bucket": (
        "the bucket",
        "the folder of the bucket",
        "the server of the bucket",
        "there is no object",
        "the object ",
    ),
    "content": (
        *("it is ", "it unpacks", "DICOM: ", "HL7v2: ", "FHIR: ", "the gzip file", "the zip file"),
        *("the member of the zip", "the line is", "the bundle has", "a folder cannot have"),
    ),
    "format": ("the destination takes no ",),
    "step": ("step ",),
}
"""How reasons of each sort begin; all others are those of the destination."""
OF_DESTINATION = "destination"


def sort_of(reason: str) -> str:
    """Return the sort of a reason."""
    first = reason.partition(FIRST)[2] or reason
    return next((sort for sort, beginnings in SORTS.items() if first.startswith(beginnings)), OF_DESTINATION)


def count_imports(data_dir: Path) -> Iterator[ImportCount]:
    """Yield the counts of all ledgers below *data_dir*; one that cannot be read has none."""
    for path in sorted((data_dir / FOLDER).glob(f"*{ENDING}")):
        destination = path.name.removesuffix(ENDING).rpartition("-")[0]
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                rows = connection.execute(COUNTS).fetchall()
        except (sqlite3.Error, OSError):
            continue
        objects, messages = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for state, reason, number, stored in rows:
            key = state, sort_of(reason) if state in {"refused", "failed"} else ""
            objects[key] += number
            messages[key] += stored
        for (state, sort), number in objects.items():
            yield ImportCount(destination, state, sort, number, messages[state, sort])
