"""The public table in a folder of this machine, as somebody looks at it who has nothing else of the pipeline."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.pipeline.dataset.publishing import MANIFEST, SEGMENT, TABLE
from adapters.pipeline.dataset.searching import COLUMN, MOST_WORDS, NoWordsError, search_of
from adapters.tables.contract import NoTableError, Tables
from adapters.tables.engine import Engine, QueryRefusedError
from adapters.tables.manifest import TableDamagedError
from adapters.tables.views import SEGMENTS
from gateway.contract.pipeline import PipelineError
from gateway.contract.tables import Answer

ALL = f"SELECT * FROM {TABLE}"  # noqa: S608  a constant
NO_WORDS = f"write words that a report has, at most {MOST_WORDS}"
NO_REPORTS = "the public table has no column `report`, so nothing can be searched for words"
DAMAGED = "the public table cannot be read; run the pipeline again"
CHANGED = "the public table changes now; ask again"


def rows_of(folder: Path, words: str, most: int) -> Answer:
    """Return the first rows whose reports have all *words*, without words of all; raises PipelineError. Blocks."""
    try:
        manifest = Tables(folder).manifest(TABLE)
        sql = search_of(words) if words else ALL
    except NoWordsError:
        raise PipelineError(NO_WORDS) from None
    except (OSError, NoTableError, TableDamagedError):  # their texts may have paths of files
        raise PipelineError(DAMAGED) from None
    if words and COLUMN not in {each.name for each in manifest.shape.columns}:
        raise PipelineError(NO_REPORTS)
    names = [each.name for each in manifest.segments]
    if not all(map(SEGMENT.fullmatch, names)):  # others could lie anywhere on this machine
        raise PipelineError(DAMAGED)
    with TemporaryDirectory(prefix="hilum-public-") as scratch:
        table = Path(scratch) / TABLE
        (table / SEGMENTS).mkdir(parents=True)
        try:
            for name in names:
                shutil.copyfile(folder / TABLE / SEGMENTS / name, table / SEGMENTS / name)
        except OSError:
            raise PipelineError(CHANGED) from None
        (table / MANIFEST).write_bytes(manifest.encode())
        return _answer(Path(scratch), sql, most)


def _answer(tables: Path, sql: str, most: int) -> Answer:
    engine = Engine({"main": Tables(tables)})
    try:
        found = engine.query(sql, most=most)
    except (QueryRefusedError, TableDamagedError):
        raise PipelineError(DAMAGED) from None
    finally:
        engine.close()
    return Answer(found.names, found.rows)
