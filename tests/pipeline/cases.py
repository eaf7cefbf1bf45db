"""What reports and images of a hospital have to do with each other: each case with what linking must make of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from tests.pipeline.instances import Study
from tests.pipeline.people import EXAMINED, Patient, text

CHARSETS = {"north": ("ISO_IR 192", "utf-8"), "south": ("ISO_IR 100", "latin-1")}
ROOT = "1.2.276.0.45"
CONSONANTS = "bdfgklmprtv"


@dataclass(frozen=True, slots=True)
class Report:
    """One row of a CSV file."""

    marker: str
    """Stands in its text and names nobody: by it a report is found again."""
    accession: str
    patient: Patient
    day: str
    text: str
    status: str = ""
    study: str = ""


@dataclass(slots=True)
class Case:
    """Some studies and reports that belong together."""

    studies: list[Study] = field(default_factory=list)
    rows: list[Report] = field(default_factory=list)
    """In one file, in this order."""
    elsewhere: list[Report] = field(default_factory=list)
    """In another file, delivered with the first one."""
    newer: list[Report] = field(default_factory=list)
    """What stands in the place of the rows in a newer version of their file."""
    is_late: bool = False
    """Whether the images come after the reports."""
    has_two_patients: bool = False
    linked: str = ""
    """The marker of the report of the first study."""
    why: dict[str, str] = field(default_factory=dict)
    """By marker, the name of the reason why a report is not linked."""


class Maker:
    """Makes the cases of one hospital."""

    def __init__(self, hospital: str, people: Iterator[Patient], chance: Random) -> None:
        self.hospital, self._people, self._chance = hospital, people, chance
        self._number = 0

    def case(self, kind: str) -> Case:
        """Return a new case of a *kind* of KINDS."""
        return KINDS[kind](self)

    def plain(self) -> Case:
        """Return a study and its report."""
        study = self._study()
        row = self._row(study)
        return Case([study], [row], linked=row.marker)

    def spelled(self) -> Case:
        """Spell the accession number in another way."""
        case = self.plain()
        accession = case.rows[0].accession
        others = accession.lower(), f"  {accession} ", f"{accession}^RIS^1.2.3^ISO", f'="{accession}"'
        case.rows[0] = replace(case.rows[0], accession=self._chance.choice(others))
        return case

    def corrected(self) -> Case:
        """Correct a report: by the status, whatever the order of the rows, or in a later row."""
        case, first = self._again()
        if self.hospital == "north":
            case.rows = [replace(case.rows[0], status="C"), first]
        else:
            case.rows.insert(0, first)
        return case

    def new_version(self) -> Case:
        """Return a report that has another text in the newer version of its file."""
        case, first = self._again()
        case.newer, case.rows = case.rows, [first]
        return case

    def repeated(self) -> Case:
        """Return a report that is in two files."""
        case = self.plain()
        case.elsewhere = [*case.rows]
        return case

    def prior(self) -> Case:
        """Return two studies of one patient; the report of the first names the other one."""
        case, other = self.plain(), self._study()
        other = replace(other, patient=case.studies[0].patient)
        row = case.rows[0]
        words = f"{row.text}\nCompared with {other.accession} of {other.day:%d.%m.%Y}."
        return replace(case, studies=[*case.studies, other], rows=[replace(row, text=words)])

    def late(self) -> Case:
        """Return a report that comes before its images."""
        case = self.plain()
        case.is_late = True
        return case

    def missing(self) -> Case:
        """Return a report without an accession number; in the north every other one has the UID of its study."""
        case = self.plain()
        row = replace(case.rows[0], accession="")
        if self.hospital == "north" and self._number % 2:
            case.rows = [replace(row, study=case.studies[0].uid)]
        else:
            case.rows, case.linked, case.why = [row], "", {row.marker: "NAMES_NOTHING"}
        return case

    def two_studies(self) -> Case:
        """Return two studies with one accession number."""
        case = self.plain()
        other = replace(case.studies[0], uid=self._study().uid)
        return self._unlinked(replace(case, studies=[*case.studies, other]), "TWO_STUDIES")

    def two_reports(self) -> Case:
        """Return two reports with one accession number, of which neither corrects the other."""
        case, first = self._again()
        if self.hospital == "south":
            first = replace(first, patient=next(self._people))
        case.rows.insert(0, first)
        return self._unlinked(case, "TWO_REPORTS")

    def two_patients(self) -> Case:
        """Return a study with images of two patients."""
        return self._unlinked(replace(self.plain(), has_two_patients=True), "TWO_PATIENTS")

    def other_patient(self) -> Case:
        """Return a report that names another patient than its images; in the north it names none."""
        case = self.plain()
        if self.hospital == "north":
            return case
        case.rows = [replace(case.rows[0], patient=next(self._people))]
        return self._unlinked(case, "OTHER_PATIENT")

    def withdrawn(self) -> Case:
        """Return a report that is withdrawn, which the south cannot say."""
        if self.hospital == "south":
            return self.plain()
        case, first = self._again()
        case.rows = [first, replace(case.rows[0], status="X")]
        return replace(case, linked="", why={first.marker: "SUPERSEDED", case.rows[1].marker: "WITHDRAWN"})

    def no_images(self) -> Case:
        """Return a report without images."""
        return self._unlinked(replace(self.plain(), studies=[]), "NO_IMAGES")

    def no_report(self) -> Case:
        """Return images without a report."""
        return Case([self._study()])

    def shared(self) -> Case:
        """Return a study with the UID and accession number that a study of the other hospital has."""
        study = replace(self._study(), uid=f"{ROOT}.9.{self._number}", accession=f"SHARED{self._number}")
        row = self._row(study)
        return Case([study], [row], linked=row.marker)

    def _study(self) -> Study:
        self._number += 1
        branch, prefix = (1, "NORD") if self.hospital == "north" else (2, "SUED")
        day = EXAMINED + timedelta(self._chance.randrange(6))
        accession = f"{prefix}{500_000 + 13 * self._number}"
        uid = f"{ROOT}.{branch}.{self._number}"
        return Study(self.hospital, next(self._people), uid, accession, day, *CHARSETS[self.hospital])

    def _row(self, study: Study) -> Report:
        marker = "".join(self._chance.choices(CONSONANTS, k=12))
        told = study.day + timedelta(self._chance.randrange(2))
        status = "F" if self.hospital == "north" else ""
        words = text(self.hospital, study.patient, study.day, marker)
        return Report(marker, study.accession, study.patient, f"{told:%Y-%m-%d}", words, status)

    def _again(self) -> tuple[Case, Report]:
        """Return a case of one report, and an earlier version of it, of the same day."""
        case = self.plain()
        first = replace(self._row(case.studies[0]), day=case.rows[0].day)
        case.why = {first.marker: "SUPERSEDED"}
        return case, first

    def _unlinked(self, case: Case, why: str) -> Case:
        return replace(case, linked="", why={row.marker: why for row in case.rows})


KINDS: Mapping[str, Callable[[Maker], Case]] = {
    "plain": Maker.plain,
    "corrected": Maker.corrected,
    "shared": Maker.shared,
    "new_version": Maker.new_version,
    "prior": Maker.prior,
    "late": Maker.late,
    "missing": Maker.missing,
    "two_reports": Maker.two_reports,
    "no_images": Maker.no_images,
    "spelled": Maker.spelled,
    "repeated": Maker.repeated,
    "two_studies": Maker.two_studies,
    "no_report": Maker.no_report,
    "two_patients": Maker.two_patients,
    "other_patient": Maker.other_patient,
    "withdrawn": Maker.withdrawn,
}
