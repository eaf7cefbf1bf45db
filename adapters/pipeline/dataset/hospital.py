"""What the results of one hospital say together; each thing is read when it is first needed, and once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from adapters.pipeline.contract import Reference, Row
from adapters.pipeline.dataset.assembling import part_name
from adapters.pipeline.dataset.gating import Image
from adapters.pipeline.dataset.identified import Read, parts_of
from adapters.pipeline.planning import Planned
from adapters.pipeline.results import Results
from adapters.pipeline.stages import deidentify, final, headers
from adapters.pipeline.stages.texts import Cleaner
from adapters.pipeline.work import REPORTS
from adapters.tables.columns import Column


@dataclass(frozen=True, slots=True)
class FinalPart:
    """De-identified images that are written together."""

    name: str
    """A digest of all that their rows come from: of the images, and of the hospital's reports."""
    read: Read

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that the rows need."""
        return self.read.columns(deidentify.TABLE)


class HospitalData:
    """The results of one hospital."""

    def __init__(self, plan: Sequence[Planned], results: Results, cleaner: Cleaner, basis: str) -> None:
        self._plan, self._results, self._cleaner = plan, results, cleaner
        linked = [name for stage in (headers.STAGE, REPORTS) for name, _ in parts_of(plan, stage, ["made"])]
        self.parts = [
            FinalPart(part_name([final.TABLE, basis, *linked, name]), Read(results, deidentify.STAGE, members))
            for name, members in parts_of(plan, deidentify.STAGE, ["made"])
        ]

    @cached_property
    def metadata(self) -> Mapping[Reference, Row]:
        """The rows of ``dicom_metadata`` by their objects."""
        found = self._all(headers.STAGE)
        return {each.reference: row for read in found for each, made in read.made for row in made.rows[headers.TABLE]}

    @cached_property
    def reports(self) -> Sequence[Row]:
        """The rows of ``reports``, of all versions; those of files that are gone are nobody's report any more."""
        there = {each.reference.key for each in self._plan if each.known.what == "report" and each.known.is_current}
        found = (each for read in self._all(REPORTS) for each in read.made)
        return [row for each, made in found if each.reference.key in there for row in made.rows.get(REPORTS, ())]

    @cached_property
    def linked(self) -> final.Hospital:
        """Which report belongs to which image."""
        self._cleaner.learn(self.metadata.values())
        return final.Hospital(self.metadata, self.reports, self._cleaner)

    @property
    def is_linked(self) -> bool:
        """Whether the links were needed."""
        return "linked" in self.__dict__

    @cached_property
    def chosen(self) -> frozenset[Reference]:
        """One object for each instance: of several with the same UID, the one that the bucket took last."""
        found: dict[str, Reference] = {}
        for reference in sorted(self.metadata, key=lambda each: (each.modified, each.key)):
            found[self.metadata[reference]["SOPInstanceUID"]] = reference
        return frozenset(found.values())

    def images(self, part: FinalPart) -> list[Image]:
        """Return the images of a part with their rows of ``final_table``, in order."""
        if part.name not in self._images:
            self._images[part.name] = [*self._made(part)]
        return self._images[part.name]

    @cached_property
    def _images(self) -> dict[str, list[Image]]:
        return {}

    def _made(self, part: FinalPart) -> list[Image]:
        found = []
        reports: dict[tuple[str, str], list[Row]] = {}
        by_id = {row["report_id"]: row for row in self.reports}
        for study, name in self.linked.links.reports.items():
            reports.setdefault(study, []).append(by_id[name])
        for each, made in part.read.made:
            reference, metadata = each.reference, self.metadata.get(each.reference)
            uid = "" if metadata is None else metadata["StudyInstanceUID"]
            of_study = reports.get((reference.hospital, uid), [])
            if reference in self.chosen:
                (row,) = final.final_rows([(reference, made.rows[deidentify.TABLE][0])], self.linked)
                found.append(Image(reference, row, made, metadata, of_study))
        return found

    def _all(self, stage: str) -> list[Read]:
        return [Read(self._results, stage, members) for _, members in parts_of(self._plan, stage, ["made"])]
