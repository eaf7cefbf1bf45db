"""Keyed pseudonyms that are also written into a crosswalk, so that they can be turned back."""

from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import STANDARD, KeyedPseudonyms

SCOPE = "keyed"


class RecordedPseudonyms:
    """The pseudonyms of *keyed*. Methods that record one raise CrosswalkError if the file fails."""

    def __init__(self, keyed: KeyedPseudonyms, crosswalk: Crosswalk) -> None:
        self._keyed, self._crosswalk = keyed, crosswalk
        self.fingerprint = keyed.fingerprint

    def uid(self, uid: str) -> str:
        """Return the UID for *uid*."""
        made = self._keyed.uid(uid)
        return made if uid.startswith(STANDARD) else self._recorded("uid", "", uid, made)

    def identifier(self, purpose: str, value: str, domain: str = "") -> str:
        """Return the pseudonym of an identifier."""
        return self._recorded(purpose, domain, value.strip(), self._keyed.identifier(purpose, value, domain))

    def patient(self, patient: Patient) -> str:
        """Return the pseudonym of the patient."""
        return self.identifier("patient", patient.number, patient.domain)

    def shift(self, patient: Patient) -> int:
        """Return the patient's days, which the key gives: they are not recorded."""
        return self._keyed.shift(patient)

    def shift_of_study(self, study_instance_uid: str) -> int:
        """Return the days of a study, likewise."""
        return self._keyed.shift_of_study(study_instance_uid)

    def _recorded(self, purpose: str, domain: str, value: str, made: str) -> str:
        return self._crosswalk.pseudonym(SCOPE, (purpose, domain, value), lambda: made)
