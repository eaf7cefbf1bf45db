"""All that the images of a hospital say of each patient: a report may name an examination of another day."""

from collections import defaultdict
from typing import Any

from adapters.pipeline.accessions import patient_key, uid_key
from adapters.pipeline.contract import Row
from adapters.pipeline.linking import StudyKey
from adapters.pipeline.reports.known import MISFITS, Known

IDENTITY = ("StudyInstanceUID", "PatientID", "IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence")
"""What tells whose dates those of an image are."""


class Patients:
    """What is known of the patients of studies. The pixels and the other columns are not kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = defaultdict(Known)
        """By hospital and the number of the patient, or the UID of a study that has none."""
        self._patients: dict[StudyKey, set[tuple[str, str]]] = defaultdict(set)
        self._identities: dict[StudyKey, dict[str, Any]] = {}

    def add(self, hospital: str, image: Row) -> None:
        """Add the header of an image, in the form ``nested`` of ``adapters/tables``."""
        study = hospital, uid_key(image["StudyInstanceUID"])
        number = patient_key(image.get("PatientID"))
        patient = hospital, f"patient {number}" if number else f"study {study[1]}"
        self._patients[study].add(patient)
        self._known[patient].add_image(image)
        if study not in self._identities:
            misfits = image.get(MISFITS) or {}
            self._identities[study] = {name: image.get(name) for name in IDENTITY} | {MISFITS: misfits}

    def known(self, study: StudyKey, report: Row) -> Known:
        """Return by what the patient of a linked *report* is known: from all images of that patient, and its row."""
        found = Known()
        for patient in self._patients.get(study, ()):
            found.update(self._known[patient])
        if found:
            found.add_report(report)
        return found

    def identity(self, study: StudyKey) -> Row | None:
        """Return what ``cleaning.days_of`` needs of the images of a study; None if there are none."""
        return self._identities.get(study)
