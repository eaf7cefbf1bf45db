"""The dead letters of the last run, and of what kind their reasons are.

A reason is a sentence, and some have the number of a line or a tag in them. Of kinds there are a few only, so that they
can be counted in metrics.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from adapters.pipeline.dataset.identified import DEAD
from adapters.pipeline.drivers.process import ENDED, HUNG
from adapters.pipeline.stages.deidentify import HELD_BACK, INTERNAL_ERROR
from adapters.pipeline.stages.forgotten import FORGOTTEN
from adapters.pipeline.work import NOT_UNZIPPED, TOO_LARGE
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine, QueryRefusedError
from gateway.contract.pipeline import Letter, LetterCount

MOST_LETTERS = 10_000
LETTERS = f"SELECT hospital, object, stage, reason FROM {DEAD} ORDER BY ALL"  # noqa: S608  a constant
COUNTS = f"SELECT stage, reason, count(*) FROM {DEAD} GROUP BY ALL"  # noqa: S608  a constant
KINDS = {
    TOO_LARGE: "size",
    NOT_UNZIPPED: "gzip",
    ENDED: "crash",
    HUNG: "time",
    FORGOTTEN: "forgotten",
    INTERNAL_ERROR: "internal_error",
}
"""The kinds of reasons that are always the same."""
DEIDENTIFICATION = "deidentification"
CONTENT = "content"
"""The kind of all others: the object, or a row of it, cannot be read."""


def kind_of(reason: str) -> str:
    """Return the kind of a reason."""
    return KINDS.get(reason) or (DEIDENTIFICATION if reason.startswith(HELD_BACK) else CONTENT)


def letters(tables: Tables) -> list[Letter]:
    """Return the first of the dead letters."""
    return [Letter(*row) for row in _rows(tables, LETTERS, MOST_LETTERS)]


def counted(tables: Tables) -> list[LetterCount]:
    """Return how many there are, by stage and kind of reason.

    None if the table is damaged: a run does not need it, and whoever asks for the letters is told.
    """
    found = Counter[tuple[str, str]]()
    with suppress(QueryRefusedError):
        for stage, reason, number in _rows(tables, COUNTS, None):
            found[stage, kind_of(reason)] += number
    return [LetterCount(stage, kind, number) for (stage, kind), number in sorted(found.items())]


def _rows(tables: Tables, sql: str, most: int | None) -> Iterator[Sequence[Any]]:
    if DEAD not in tables.names():
        return
    engine = Engine({"main": tables})
    try:
        yield from engine.query(sql, most=most).rows
    finally:
        engine.close()
