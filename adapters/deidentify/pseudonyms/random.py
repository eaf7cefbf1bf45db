"""Pseudonyms that are drawn at random and kept in a crosswalk: only this file leads from them to a patient."""

import base64
import secrets
from uuid import uuid4

from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import MOST_WEEKS, STANDARD

SCOPE = "random"


class RandomPseudonyms:
    """Pseudonyms from the generator of the operating system. Every method raises CrosswalkError if the file fails."""

    def __init__(self, crosswalk: Crosswalk, fingerprint: str, most_weeks: int = MOST_WEEKS) -> None:
        self._crosswalk, self._most_weeks = crosswalk, most_weeks
        self.fingerprint = fingerprint

    def uid(self, uid: str) -> str:
        """Return ``2.25.`` and a random UUID as a decimal number (PS3.5 B.2); a UID of the standard stays."""
        if uid.startswith(STANDARD):
            return uid
        return self._crosswalk.pseudonym(SCOPE, ("uid", "", uid), lambda: f"2.25.{uuid4().int}")

    def identifier(self, purpose: str, value: str, domain: str = "") -> str:
        """Return 16 random letters and digits 2 to 7."""
        return self._crosswalk.pseudonym(SCOPE, (purpose, domain, value.strip()), _letters)

    def patient(self, patient: Patient) -> str:
        """Return the pseudonym of the patient."""
        return self.identifier("patient", patient.number, patient.domain)

    def shift(self, patient: Patient) -> int:
        """Return the patient's days, drawn when the patient is first met."""
        return self._days("shift", patient.domain, patient.number)

    def shift_of_study(self, study_instance_uid: str) -> int:
        """Return the days of a study whose patient is not known."""
        return self._days("shift of study", "", study_instance_uid)

    def _days(self, *place: str) -> int:
        purpose, domain, value = place
        found = self._crosswalk.pseudonym(SCOPE, (purpose, domain, value), self._draw, reversible=False)
        return int(found)

    def _draw(self) -> str:
        return str(-7 * (1 + secrets.randbelow(self._most_weeks)))


def _letters() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode()
