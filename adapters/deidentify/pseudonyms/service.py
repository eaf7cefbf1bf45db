"""Pseudonyms that are keyed and need no memory: the same in every message, format, process, and after a restart."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.key import Key

LENGTH = 16
"""Characters of the pseudonym of an identifier: 80 bits. An accession number (SH) may have no more (PS3.5 6.2)."""
MOST_WEEKS = 52
"""The dates of a patient are moved back by at least one week and at most so many."""
STANDARD = "1.2.840.10008."
"""The root of the UIDs of the standard itself (PS3.6 annex A): they name no instance."""


class Pseudonyms(Protocol):
    """What the formats ask for. No method raises for any text."""

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, for the manifest."""

    def uid(self, uid: str) -> str:
        """Return another UID for *uid*; one of the standard stays as it is."""

    def identifier(self, purpose: str, value: str, domain: str = "") -> str:
        """Return LENGTH characters for an identifier.

        *purpose* keeps the numbers of different things apart: ``accession``, ``order``, ``visit``, ``sample``, …
        Whatever its format, a thing has one purpose.
        """

    def patient(self, patient: Patient) -> str:
        """Return LENGTH characters for a patient."""

    def shift(self, patient: Patient) -> int:
        """Return the days to add to the dates of a patient: whole weeks, less than 0."""

    def shift_of_study(self, study_instance_uid: str) -> int:
        """Return the days to add to the dates of a study whose patient is not known."""


class KeyedPseudonyms:
    """Pseudonyms by HMAC-SHA256."""

    def __init__(self, key: Key, most_weeks: int = MOST_WEEKS) -> None:
        self._key, self._most_weeks = key, most_weeks
        self.fingerprint = key.fingerprint
        self._uid: Callable[[str], str] = lru_cache(4096)(self._new_uid)
        self._subkeys: dict[str, bytes] = {}

    def uid(self, uid: str) -> str:
        """Return ``2.25.`` and a version 8 UUID as a decimal number (PS3.5 B.2, RFC 9562 5.8)."""
        return uid if uid.startswith(STANDARD) else self._uid(uid)

    def identifier(self, purpose: str, value: str, domain: str = "") -> str:
        """Return letters and digits 2 to 7, without blanks of *value* in the calculation."""
        digest = self._digest(f"identifier {purpose}", domain, value.strip())
        return base64.b32encode(digest[:10]).decode()

    def patient(self, patient: Patient) -> str:
        """Return the pseudonym of the patient's identifier."""
        return self.identifier("patient", patient.number, patient.domain)

    def shift(self, patient: Patient) -> int:
        """Return the patient's days, from -7 down to -7 times the most weeks."""
        return self._days(self._digest("shift", patient.domain, patient.number))

    def shift_of_study(self, study_instance_uid: str) -> int:
        """Return the days of a study."""
        return self._days(self._digest("shift of study", "", study_instance_uid))

    def _days(self, digest: bytes) -> int:
        return -7 * (1 + int.from_bytes(digest[:8]) % self._most_weeks)

    def _new_uid(self, uid: str) -> str:
        number = int.from_bytes(self._digest("uid", "", uid)[:16])
        number = number & ~(0xF << 76) | 8 << 76  # the version
        number = number & ~(0b11 << 62) | 0b10 << 62  # the variant
        return f"2.25.{UUID(int=number).int}"

    def _digest(self, purpose: str, domain: str, value: str) -> bytes:
        key = self._subkeys.get(purpose)
        if key is None:
            key = self._subkeys[purpose] = self._key.derived(purpose)
        # The lengths keep ("a", "bc") and ("ab", "c") apart.
        return hmac.digest(key, f"{len(domain)}:{domain}{value}".encode(errors="surrogatepass"), hashlib.sha256)
