"""Lets the next run try again what was held back: dead letters, and what an internal error has kept from the tables.

An internal error while a report is cleaned, or in the gate, holds rows back and lets nothing pass. Their parts are made
of the same results as before, so no run would make them again by itself. So the tables that are made of results go, on
the identified side only: the next run makes them of the same results, and until it has, the public side stays as it is.
"""

from collections.abc import Iterable
from contextlib import suppress

from adapters.pipeline.dataset.finishing import OUTGOING, PROD, PUBLIC
from adapters.pipeline.planning import Planned
from adapters.pipeline.results import Results
from adapters.pipeline.stages import final
from adapters.pipeline.work import Work
from adapters.tables.contract import NoTableError, Tables


def retry(work: Work, plan: Iterable[Planned]) -> int:
    """Remove what the next run shall make again; return how many dead letters that are. Raises TableBusyError."""
    results, count = Results(work.folder), 0
    for each in plan:
        for stage in each.results:
            if each.known.is_current and (name := each.name(stage, "dead")) is not None:
                results.remove(stage, [name])
                count += 1
    tables = Tables(work.settings.tables)
    for folder, table in ((Tables(work.folder / OUTGOING), PUBLIC), (tables, PROD), (tables, final.TABLE)):
        with suppress(NoTableError):
            folder.drop(table)
    return count
