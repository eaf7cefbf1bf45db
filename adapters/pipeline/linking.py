"""Links the reports of hospitals to the studies that they report: each for certain, or not at all.

A report belongs to the study with its accession number, in the form of ``accessions.py``. A report without one, or with
one that no study has, belongs to the study that it names itself. Hospitals are apart: the same numbers and UIDs in two
of them have nothing to do with each other. Pseudonyms are linked in the same way as what they stand for.

The result does not depend on the order of the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from adapters.pipeline.accessions import accession_key, patient_key, uid_key
from adapters.pipeline.contract import Row
from adapters.pipeline.reports.corrections import State, states

StudyKey = tuple[str, str]
"""The hospital and the Study Instance UID."""


class Why(Enum):
    """Why a report is linked to no study; the value is for people."""

    NAMES_NOTHING = "it has neither an accession number nor a study"
    NO_IMAGES = "there are no images with its accession number or study"
    TWO_STUDIES = "several studies have its accession number"
    TWO_ACCESSIONS = "its study has several accession numbers"
    TWO_PATIENTS = "its study has images of several patients"
    OTHER_PATIENT = "it names another patient than its images"
    OTHER_STUDY = "its accession number and its study lead to different studies"
    TWO_REPORTS = "several reports of its study are no corrections of each other"
    WITHDRAWN = "its latest version says that it is withdrawn"
    SUPERSEDED = "there is a later version of it"
    REPEATED = "another report says the same"

    @property
    def is_held_back(self) -> bool:
        """Whether somebody has to look at it: the others are in order as they are, or wait for images."""
        return self not in {Why.NO_IMAGES, Why.WITHDRAWN, Why.SUPERSEDED, Why.REPEATED}


OF_STATES = {
    State.AMBIGUOUS: Why.TWO_REPORTS,
    State.WITHDRAWN: Why.WITHDRAWN,
    State.SUPERSEDED: Why.SUPERSEDED,
    State.REPEATED: Why.REPEATED,
}


@dataclass(frozen=True, slots=True)
class Links:
    """What belongs together."""

    reports: Mapping[StudyKey, str]
    """The ``report_id`` of the report of each study that has one."""
    unlinked: Mapping[str, Why]
    """Each report that is linked to no study, by its ``report_id``."""
    states: Mapping[str, State]
    """Each report's place among the versions of it."""
    without: frozenset[StudyKey]
    """Studies without a report."""

    def counts(self) -> Mapping[str, int]:
        """Return how many reports are linked, and how many are not for which reason: numbers without values."""
        reasons = Counter(why.value for why in self.unlinked.values())
        counted = {"linked": len(self.reports), "studies without a report": len(self.without)}
        return counted | dict(sorted(reasons.items()))


@dataclass(slots=True)
class _Study:
    """What the images of a study say."""

    accessions: set[str] = field(default_factory=set)
    patients: set[str] = field(default_factory=set)


def link(images: Iterable[Row], reports: Iterable[Row]) -> Links:
    """Link *reports* to the studies of *images*.

    A report is a row as ``reports/rows.py`` makes it, or the same with pseudonyms for ``accession``, ``study`` and
    ``patient``.
    An image is a row with ``hospital``, ``StudyInstanceUID``, ``AccessionNumber`` and ``PatientID``; what it lacks is
    empty. One row for each study and each of its different numbers suffices.
    """
    rows = list(reports)
    places = states(rows)
    finder = _Finder(images)
    unlinked: dict[str, Why] = {}
    found: dict[StudyKey, list[str]] = defaultdict(list)
    for row in rows:
        name = row["report_id"]
        place = OF_STATES.get(places[name]) or finder.study_of(row)
        if isinstance(place, Why):
            unlinked[name] = place
        else:
            found[place].append(name)
    for key, names in [*found.items()]:
        if len(names) > 1:  # one by the accession number, another by the study
            unlinked |= dict.fromkeys(names, Why.TWO_REPORTS)
            del found[key]
    linked = {key: names[0] for key, names in sorted(found.items())}
    return Links(linked, dict(sorted(unlinked.items())), places, frozenset(finder.studies.keys() - linked.keys()))


class _Finder:
    """Finds the study of a report."""

    def __init__(self, images: Iterable[Row]) -> None:
        self.studies: dict[StudyKey, _Study] = defaultdict(_Study)
        self._by_accession: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in images:
            hospital, uid = row["hospital"], uid_key(row.get("StudyInstanceUID"))
            if not uid:
                continue
            study = self.studies[hospital, uid]
            if accession := accession_key(row.get("AccessionNumber")):
                study.accessions.add(accession)
                self._by_accession[hospital, accession].add(uid)
            if patient := patient_key(row.get("PatientID")):
                study.patients.add(patient)

    def study_of(self, report: Row) -> StudyKey | Why:
        """Return the study of a report, or why there is none for certain."""
        hospital, accession, named = report["hospital"], accession_key(report["accession"]), uid_key(report["study"])
        if not accession and not named:
            return Why.NAMES_NOTHING
        uids = self._by_accession.get((hospital, accession), set())
        if len(uids) > 1:
            return Why.TWO_STUDIES
        uid = next(iter(uids), named)
        if (hospital, uid) not in self.studies:
            return Why.NO_IMAGES
        has_another = accession and not uids and self.studies[hospital, uid].accessions
        if has_another or (named and named != uid):
            return Why.OTHER_STUDY
        return self._checked((hospital, uid), report)

    def _checked(self, key: StudyKey, report: Row) -> StudyKey | Why:
        study, patient = self.studies[key], patient_key(report["patient"])
        if len(study.accessions) > 1:
            return Why.TWO_ACCESSIONS
        if len(study.patients) > 1:
            return Why.TWO_PATIENTS
        if patient and study.patients and patient not in study.patients:
            return Why.OTHER_PATIENT
        return key
