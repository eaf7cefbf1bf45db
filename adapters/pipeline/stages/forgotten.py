"""What is forgotten of a hospital: patients and studies of which nothing may be made any more."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from adapters.dicom.encoding import Malformed
from adapters.pipeline.accessions import accession_key, patient_key, uid_key
from adapters.pipeline.contract import Made, Row
from adapters.pipeline.stages.headers import instance_of

FORGOTTEN = "its patient or study is forgotten (hilum pipeline forget)"
REPORTS = "reports"
TAGS = ("0020000D", "0020000E", "00080018", "00100020")
"""Study, Series and SOP Instance UID, and Patient ID."""
COLUMNS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is forgotten."""

    uids: frozenset[str] = frozenset()
    """Digests of UIDs of studies, series and instances, and of numbers of patients."""
    accessions: frozenset[str] = frozenset()
    """Digests of the accession numbers of what is forgotten."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.uids or self.accessions)

    @property
    def digest(self) -> str:
        """Another one for other things."""
        told = json.dumps([sorted(self.uids), sorted(self.accessions)])
        return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()

    def has_image(self, octets: bytes) -> bool:
        """Whether an instance is forgotten. One that cannot be read has no row anyway."""
        if not self.uids:
            return False
        try:
            header = instance_of(octets).data_set.json
        except Malformed:
            return False
        values = (each for tag in TAGS for each in header.get(tag, {}).get("Value", ()))
        return self._has(each for each in values if isinstance(each, str))

    def has_row(self, row: Row) -> bool:
        """Whether a row of ``dicom_metadata`` is that of a forgotten image."""
        return self._has(str(row[each]) for each in COLUMNS if row.get(each))

    def has_report(self, row: Row) -> bool:
        """Whether a row of ``reports`` is that of a forgotten patient or study."""
        return digest_of(accession_key(row["accession"])) in self.accessions or self._has(
            (row["study"], row["patient"])
        )

    def without(self, made: Made) -> Made:
        """Return reports without those that are forgotten."""
        rows = made.rows.get(REPORTS, ())
        left = [row for row in rows if not self.has_report(row)] if self else rows
        return made if len(left) == len(rows) else replace(made, rows={REPORTS: left})

    def _has(self, texts: Iterable[str]) -> bool:
        return bool(self.uids) and any(not digests_of(each).isdisjoint(self.uids) for each in texts if each)


def digest_of(text: str) -> str:
    """Return what is kept of a number that is forgotten."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def digests_of(uid: str) -> frozenset[str]:
    """Return what is kept of a UID, or of the number of a patient, in the forms in which they are compared."""
    return frozenset({digest_of(uid_key(uid)), digest_of(patient_key(uid))})


NOTHING = Forgotten()
