"""The tables of the identified side that are made of results as they are: metadata, reports, dead letters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from adapters.pipeline.contract import Made, Row
from adapters.pipeline.dataset.assembling import Part, assemble, buckets_of, part_name
from adapters.pipeline.planning import Planned
from adapters.pipeline.results import Results, State
from adapters.pipeline.stages import deidentify, headers
from adapters.pipeline.stages.forgotten import FORGOTTEN
from adapters.pipeline.work import REPORTS
from adapters.tables.columns import Column, merged
from adapters.tables.contract import Tables
from adapters.tables.manifest import Shape

DEAD = "dead_letters"
DEAD_SHAPE = Shape((Column("hospital"), Column("object"), Column("version"), Column("stage"), Column("reason")))
REPORTS_SHAPE = Shape(
    (
        Column("hospital"),
        Column("report_id"),
        Column("object"),
        Column("version"),
        Column("modified", "TIMESTAMP"),
        Column("row", "INTEGER"),
        Column("line", "INTEGER"),
        Column("accession"),
        Column("accession_key"),
        Column("study"),
        Column("patient"),
        Column("patient_key"),
        Column("status"),
        Column("report_date", "DATE"),
        Column("report_time", "DATETIME"),
        Column("date_problem"),
        Column("text"),
        Column("known", "JSON"),
        Column("is_current", "BOOLEAN"),
    )
)
"""A row for each report in each version of its file that was ever seen: corrections replace nothing."""


class Read:
    """Some results, which are read when their rows or columns are first asked for."""

    def __init__(self, results: Results, stage: str, members: Sequence[tuple[Planned, str, State]]) -> None:
        self._results, self._stage, self._members = results, stage, members

    @cached_property
    def made(self) -> list[tuple[Planned, Made]]:
        """What each result holds, in the order of the objects."""
        members = sorted(self._members, key=lambda each: (each[0].reference.hospital, each[0].reference.key, each[1]))
        return [(each, self._results.read(self._stage, name, state, each.reference)) for each, name, state in members]

    def rows(self, table: str) -> list[Row]:
        """Return the rows for a table."""
        return [row for _, made in self.made for row in made.rows.get(table, ())]

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns that these rows need."""
        found: tuple[Column, ...] = ()
        last: Sequence[Column] | None = None
        for _, made in self.made:
            columns = made.columns.get(table, ())
            if columns != last:  # instances of one kind have the same
                found, last = merged(found, columns), columns
        return found


Members = list[tuple[Planned, str, State]]
"""Results, each with its object, its name, and what it holds."""


def parts_of(plan: Iterable[Planned], stage: str, states: Sequence[State]) -> Iterator[tuple[str, Members]]:
    """Yield the parts of the results of a stage, each with its name: by hospital, and by digest if there are many."""
    by_hospital: dict[str, dict[str, tuple[Planned, str, State]]] = {}
    for each in plan:
        name, state = each.results.get(stage, ("", None))
        if state is not None and state in states:
            by_hospital.setdefault(each.reference.hospital, {})[name] = (each, name, state)
    for _, found in sorted(by_hospital.items()):
        for names in buckets_of(found).values():
            told = [f"{name} {found[name][2]} {found[name][0].known.is_current}" for name in names]
            yield part_name([stage, *told]), [found[name] for name in names]


def write_identified(tables: Tables, plan: Sequence[Planned], results: Results) -> bool:
    """Bring the three tables up to date; return whether anything was written."""
    metadata = [
        Part(name, lambda read=read: read.rows(headers.TABLE), lambda read=read: read.columns(headers.TABLE))  # type: ignore[misc]
        for name, members in parts_of(plan, headers.STAGE, ["made"])
        for read in [Read(results, headers.STAGE, members)]
    ]
    reports = [
        Part(name, lambda read=read: list(_reports(read)))  # type: ignore[misc]
        for name, members in parts_of(plan, REPORTS, ["made"])
        for read in [Read(results, REPORTS, members)]
    ]
    dead = [
        Part(name, lambda read=read: list(_dead(read)))  # type: ignore[misc]
        for stage in (headers.STAGE, deidentify.STAGE, REPORTS)
        for name, members in parts_of(plan, stage, ["dead", "made"] if stage == REPORTS else ["dead"])
        for read in [Read(results, stage, members)]
    ]
    written = [
        assemble(tables, headers.TABLE, headers.SHAPE, metadata),
        assemble(tables, REPORTS, REPORTS_SHAPE, reports),
        assemble(tables, DEAD, DEAD_SHAPE, dead),
    ]
    return any(written)


def _reports(read: Read) -> Iterator[Row]:
    for planned, made in read.made:
        for row in made.rows.get(REPORTS, ()):
            yield {**row, "is_current": planned.known.is_current}


def _dead(read: Read) -> Iterator[Row]:
    for planned, made in read.made:
        for each in made.dead:
            yield dead_row(planned, each.stage, each.reason)


def dead_row(planned: Planned, stage: str, reason: str) -> Mapping[str, object]:
    """Return a dead letter."""
    reference = planned.reference
    return {
        "hospital": reference.hospital,
        "object": "" if reason == FORGOTTEN else headers.text_of(reference.key),  # its name may be the patient's
        "version": reference.version,
        "stage": stage,
        "reason": reason,
    }
