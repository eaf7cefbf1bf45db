"""The rows of ``final_table``: a de-identified image, its report without what names its patient, and its thumbnail.

An image and its own de-identified row come from the same object, and a report belongs to a study by certain links of
the identified side only (``adapters/pipeline/linking.py``). What leaves this file of the identified side is a cleaned
text and a moved date.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.pipeline.contract import Reference, Row
from adapters.pipeline.linking import Links, StudyKey, link
from adapters.pipeline.stages.deidentify import OWN, PSEUDONYMS
from adapters.tables.columns import Column
from adapters.tables.manifest import Shape

TABLE = "final_table"
REPORT, REPORT_DATE, REPORT_STATE = "report", "report_date", "report_state"
LINKED, NONE, HELD_BACK = "linked", "none", "held back"
SHAPE = Shape(
    (
        *(Column(each) for each in PSEUDONYMS),
        *OWN,
        Column(REPORT),
        Column(REPORT_DATE, "DATE"),
        Column(REPORT_STATE),
    )
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A report as it may become public, or why it may not."""

    text: str = ""
    date: str | None = None
    """In ISO 8601, moved as the dates of its patient."""
    reason: str = ""
    """Why the text is held back: a fixed sentence."""


Clean = Callable[[Row, StudyKey], Cleaned]
"""Cleans the report of a study."""


def image_of(row: Row) -> Row:
    """Return what linking needs of a row of ``dicom_metadata``."""
    return {
        "hospital": row["Hospital"],
        "StudyInstanceUID": row["StudyInstanceUID"],
        "AccessionNumber": row.get("AccessionNumber"),
        "PatientID": row.get("PatientID"),
    }


class Hospital:
    """The reports of one hospital and the studies that they belong to."""

    def __init__(self, images: Mapping[Reference, Row], reports: Iterable[Row], clean: Clean) -> None:
        """Take rows of ``dicom_metadata`` by their objects, and rows of ``reports``."""
        self._studies = {reference: (row["Hospital"], row["StudyInstanceUID"]) for reference, row in images.items()}
        self._reports = {each["report_id"]: each for each in reports}
        self.links: Links = link(map(image_of, images.values()), self._reports.values())
        self._clean = clean
        self._known: dict[StudyKey, Cleaned | None] = {}

    def report_of(self, reference: Reference) -> Cleaned | None:
        """Return the report of the study of an image; None if it has none for certain."""
        study = self._studies.get(reference)
        if study is None:
            return None
        if study not in self._known:
            name = self.links.reports.get(study)
            self._known[study] = None if name is None else self._clean(self._reports[name], study)
        return self._known[study]


def final_rows(images: Iterable[tuple[Reference, Row]], hospital: Hospital) -> Iterator[Row]:
    """Yield the row of each de-identified image."""
    for reference, row in images:
        report = hospital.report_of(reference)
        if report is None:
            yield {**row, REPORT_STATE: NONE}
        elif report.reason:
            yield {**row, REPORT_STATE: f"{HELD_BACK}: {report.reason}"}
        else:
            yield {**row, REPORT: report.text, REPORT_DATE: report.date, REPORT_STATE: LINKED}
