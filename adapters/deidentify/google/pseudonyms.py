"""Pseudonyms of the dialect: those of the step, with dates that ``dateShiftConfig`` moves by a key of its own."""

from adapters.deidentify.pseudonyms.domains import Domains, Format, Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms


class GooglePseudonyms:
    """Takes everything from *own* but the shifts of dates, which are those of *dates*."""

    def __init__(self, own: Pseudonyms, dates: Pseudonyms) -> None:
        self._own, self._dates = own, dates

    @property
    def fingerprint(self) -> str:
        """That of the step's key."""
        return self._own.fingerprint

    def uid(self, uid: str) -> str:
        """Return another UID."""
        return self._own.uid(uid)

    def identifier(self, purpose: str, value: str, domain: str = "") -> str:
        """Return another identifier."""
        return self._own.identifier(purpose, value, domain)

    def patient(self, patient: Patient) -> str:
        """Return the pseudonym of a patient."""
        return self._own.patient(patient)

    def shift(self, patient: Patient) -> int:
        """Return the days of a patient, by the key and the patient's number."""
        return self._dates.shift(patient)

    def shift_of_study(self, study_instance_uid: str) -> int:
        """Return the days of a study whose patient has no number (discovery document, DateShiftConfig)."""
        return self._dates.shift_of_study(study_instance_uid)


class OneDomain(Domains):
    """Every number names a patient of one domain: Google's API knows the key and the patient's number only."""

    def __init__(self) -> None:
        super().__init__({})

    def patient(self, form: Format, authorities: tuple[str, ...], number: str) -> Patient:  # noqa: ARG002
        """Return the patient with a number, whoever gave it."""
        return Patient("", number.strip())
