"""Makes ``final_table``, ``prod`` and the public table of what there is; what is there already is not made again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from adapters.pipeline.contract import Row
from adapters.pipeline.dataset.assembling import Part, assemble, buckets_of, part_name
from adapters.pipeline.dataset.gating import Gate, Image
from adapters.pipeline.dataset.hospital import FinalPart, HospitalData
from adapters.pipeline.planning import Planned
from adapters.pipeline.results import Results, basis_of
from adapters.pipeline.stages import final
from adapters.pipeline.stages.public_columns import public_columns
from adapters.pipeline.stages.texts import Cleaner
from adapters.pipeline.work import Work
from adapters.tables.contract import NoTableError, Tables
from adapters.tables.manifest import Shape

PROD, PUBLIC, OUTGOING = "prod", "public_table", "outgoing"
MADE_OF = "made_of"
"""The label of the public table, on the identified side only, that says of what it is made."""
VERSION = "1"
"""To be counted up with each change of what is made here of the same results."""


class Finishing:
    """All that is made of the results of one plan."""

    def __init__(self, work: Work, plan: Sequence[Planned], gate: Gate, cleaner: Cleaner, version: str) -> None:
        self._work, self._gate = work, gate
        self._tables = Tables(work.settings.tables)
        settings = {"gate": work.settings.gate.model_dump(), "columns": list(work.settings.public.columns)}
        self._basis = basis_of(f"{version} {VERSION}", settings)
        hospitals = {each.reference.hospital for each in plan}
        of_step = basis_of(version, {"step": work.step.model_dump(mode="json")})
        self.hospitals = {
            name: HospitalData(
                [each for each in plan if each.reference.hospital == name], Results(work.folder), cleaner, of_step
            )
            for name in sorted(hospitals)
        }

    def write_tables(self) -> bool:
        """Bring ``final_table`` and ``prod`` up to date; return whether anything was written."""
        rows = [
            Part(part.name, lambda data=data, part=part: [each.row for each in data.images(part)], part.columns)  # type: ignore[misc]
            for data, part in self._parts()
        ]
        written = assemble(self._tables, final.TABLE, final.SHAPE, rows)
        prod = [
            Part(part_name([PROD, self._all, part.name]), lambda part=part: self._passed[part.name], part.columns)  # type: ignore[misc]
            for _, part in self._parts()
        ]
        return assemble(self._tables, PROD, final.SHAPE, prod) or written

    def write_public(self) -> Tables:
        """Bring the public table up to date, still on the identified side; return the folder that has it."""
        tables = Tables(self._work.folder / OUTGOING)
        labels = {MADE_OF: part_name([PUBLIC, self._all])}
        try:
            if tables.manifest(PUBLIC).labels.get(MADE_OF) == labels[MADE_OF]:
                return tables
        except NoTableError:
            self._work.folder.mkdir(mode=0o700, exist_ok=True)
        rows = [row for _, part in self._parts() for row in self._passed[part.name]]
        public = self._gate.into_public(rows, self._images)
        shape = Shape(public_columns(self._work.settings.public.columns))
        assemble(tables, PUBLIC, shape, [*parts_of_rows(public)], labels, self._gate.inspector(self._images))
        return tables

    @property
    def linked(self) -> Mapping[str, Mapping[str, int]]:
        """By hospital whose reports were linked now, how many were linked, and how many not for which reason."""
        return {name: data.linked.links.counts() for name, data in self.hospitals.items() if data.is_linked}

    def _parts(self) -> Iterator[tuple[HospitalData, FinalPart]]:
        for data in self.hospitals.values():
            for part in data.parts:
                yield data, part

    @cached_property
    def _all(self) -> str:
        """A digest of all that comes to the gate, and of its rules: it judges all together."""
        return part_name([self._basis, *(part.name for _, part in self._parts())])

    @cached_property
    def _images(self) -> list[Image]:
        return [image for data, part in self._parts() for image in data.images(part)]

    @cached_property
    def _passed(self) -> Mapping[str, list[Row]]:
        """By part of ``final_table``, the rows of ``prod``, in the order in which they are mostly asked for."""
        passed = {(row["hospital"], row["SOPInstanceUID"]) for row in self._gate.into_prod(self._images)}
        found = {}
        for data, part in self._parts():
            rows = [each.row for each in data.images(part)]
            those = [row for row in rows if (row["hospital"], row["SOPInstanceUID"]) in passed]
            found[part.name] = sorted(those, key=_place)
        return found


def _place(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(each) or "") for each in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID"))


def parts_of_rows(rows: Sequence[Row]) -> Iterator[Part]:
    """Yield parts that are named by the rows in them alone: nothing of the identified side is in their names.

    The order of the rows is that of their digests, so that it tells nothing of hospitals and objects.
    """
    by_digest: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        written = json.dumps(row, sort_keys=True, ensure_ascii=True, default=str)
        by_digest.setdefault(hashlib.sha256(written.encode()).hexdigest(), []).append(row)
    for digests in buckets_of(by_digest).values():
        name = part_name([f"{each} {len(by_digest[each])}" for each in digests])
        yield Part(name, lambda digests=digests: [row for each in digests for row in by_digest[each]])  # type: ignore[misc]
