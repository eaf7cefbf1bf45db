"""The table of replies: what to expect from sending a message again, by what the store has answered.

Its keys are parts of a reply: ``HTTP 503``, a status, or ``no reply``; ``MSA-1 AR`` and ``ERR-3 207``, of an HL7
acknowledgement; ``DICOM A700``, a Failure Reason. ``xx`` stands for any digits. The complete status or Failure Reason
counts before its family; in an acknowledgement ERR-3 counts before MSA-1, and of several errors the worst one counts.
The rows of a destination's own key ``answers`` replace those with the same key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

_DEFAULTS = {
    Outlook.FINAL: """
        HTTP 400, HTTP 409, HTTP 413, HTTP 415, HTTP 422, MSA-1 AE, MSA-1 CE,
        ERR-3 100, ERR-3 101, ERR-3 102, ERR-3 103, ERR-3 104, ERR-3 200, ERR-3 201, ERR-3 202, ERR-3 203, ERR-3 204,
        ERR-3 205, DICOM A9xx, DICOM Cxxx, DICOM 0117, DICOM 0122, DICOM 0124
    """,
    # AR without a cause means a wrong MSH for some systems, and a temporary failure for others (table 0008).
    Outlook.DOUBTFUL: "HTTP 2xx, MSA-1 AR, MSA-1 CR, DICOM 0110",
    Outlook.TEMPORARY: """
        no reply, HTTP 3xx, HTTP 4xx, HTTP 5xx, ERR-3 206, ERR-3 207, DICOM A7xx, DICOM 0213, DICOM B00F
    """,
    Outlook.BUSY: "HTTP 425, HTTP 429, HTTP 503",
}
DEFAULTS: Mapping[str, Outlook] = MappingProxyType(
    {key.strip(): outlook for outlook, keys in _DEFAULTS.items() for key in keys.split(",")}
)
NO_REPLY = "no reply"
"""The key for a request that the store may have: it closed the connection, or was silent for too long."""
BAD_REQUEST = 400
NEVER_TWICE: Mapping[str, Outlook] = MappingProxyType({NO_REPLY: Outlook.DOUBTFUL, "HTTP 504": Outlook.DOUBTFUL})
"""Rows for an endpoint that does not recognize duplicates: a message that it may have is not repeated without limit."""
HTTP = rf"{NO_REPLY}|HTTP [345](?:[0-9][0-9]|xx)"
HL7_KEY = re.compile(rf"{HTTP}|MSA-1 (?:AE|AR|CE|CR)|ERR-3 [A-Za-z0-9._-]{{1,20}}")
# 0111 and Azure's B00E are no keys: on_conflict decides about an instance that the store has already.
FHIR_KEY = re.compile(HTTP)
DICOM_KEY = re.compile(rf"{HTTP}|DICOM (?:(?!0111|B00E)[0-9A-F]{{4}}|A7xx|A9xx|Cxxx)")
KEYS = "must be like `no reply`, `HTTP 409`, `HTTP 5xx`"
WORST_FIRST = tuple(Outlook)


class Answers:
    """The table of one destination."""

    def __init__(self, own: Mapping[str, Outlook] = MappingProxyType({})) -> None:
        self._own = own
        self._rows = {**DEFAULTS, **own}

    def to_status(self, status: int) -> Outlook:
        """Return what an HTTP *status* means if the body does not say more."""
        return self._first(f"HTTP {status}", f"HTTP {status // 100}xx") or Outlook.TEMPORARY

    def to_page(self, status: int) -> Outlook:
        """Return what an HTTP *status* with an HTML page means, which a web server in front of the store may have made.

        nginx answers 400 to every request if the client certificate has expired, or if it expects TLS: then no store
        has read the message.
        """
        is_own = f"HTTP {status}" in self._own
        return Outlook.DOUBTFUL if status == BAD_REQUEST and not is_own else self.to_status(status)

    def after(self, failure: Unavailable) -> Unavailable:
        """Return *failure*, of a request without a reply, with what to expect from sending again."""
        if not failure.maybe_stored or failure.outlook is not Outlook.TEMPORARY:
            return failure
        return replace(failure, outlook=self._rows[NO_REPLY])

    def to_failure_reason(self, reason: int | None) -> Outlook | None:
        """Return what a Failure Reason means, or None if it is not in the table."""
        digits = "" if reason is None else f"{reason:04X}"
        return self._first(f"DICOM {digits}", f"DICOM {digits[:2]}xx", f"DICOM {digits[:1]}xxx")

    def to_nack(self, code: str, errors: Iterable[str]) -> Outlook:
        """Return what a negative acknowledgement with the MSA-1 *code* and these *errors* means."""
        known = {self._rows.get(f"ERR-3 {error}") for error in errors}
        worst = next((outlook for outlook in WORST_FIRST if outlook in known), None)
        return worst or self._first(f"MSA-1 {code}") or Outlook.FINAL

    def _first(self, *keys: str) -> Outlook | None:
        return next((self._rows[key] for key in keys if key in self._rows), None)


BY_DEFAULT = Answers()


def check_hl7_key(key: str) -> str:
    """Return *key*, or raise ValueError if it is no key of the table for HL7."""
    if not HL7_KEY.fullmatch(key):
        raise ValueError(f"{KEYS}, `MSA-1 AR` or `ERR-3 207`; only replies that tell of a failure can be listed")
    return key


def check_dicom_key(key: str) -> str:
    """Return *key*, or raise ValueError if it is no key of the table for DICOM."""
    if not DICOM_KEY.fullmatch(key):
        raise ValueError(f"{KEYS}, `DICOM 0110` or `DICOM A7xx`; on_conflict decides about duplicates")
    return key


def check_fhir_key(key: str) -> str:
    """Return *key*, or raise ValueError if it is no key of the table for FHIR."""
    if not FHIR_KEY.fullmatch(key):
        raise ValueError(f"{KEYS}; only replies that tell of a failure can be listed")
    return key
