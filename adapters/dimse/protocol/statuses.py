"""Maps the outcome of a delivery to a C-STORE status (PS3.4 B.2.3, PS3.7 C)."""

import re
from dataclasses import dataclass, field

from gateway.contract.outcome import Outcome, Refused, Stored, word_of

SUCCESS = "0000"
WARNINGS = ("B000", "B006", "B007")  # stored, with elements coerced or discarded, or not matching the SOP class
OUT_OF_RESOURCES = "A700"
DOES_NOT_MATCH = "A900"
CANNOT_UNDERSTAND = "C000"
PROCESSING_FAILURE = "0110"
INVALID_SOP_INSTANCE = "0117"
SOP_CLASS_NOT_SUPPORTED = "0122"

# Failures of a store that are passed on: PS3.4 table B.2-1, and those of PS3.7 C.5 that fit a C-STORE (0111: the store
# has a different instance with this UID).
FAILURE = re.compile(r"A7..|A9..|C...|0110|0111|0117|0122|0124")
STATUS = re.compile(r"[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to the peer about its instance."""

    status: str
    """Four hexadecimal digits."""
    comment: str = ""
    """Error Comment: the reason, without payload."""
    outcome: str = field(default="unavailable", compare=False)
    """The outcome for the log, because ``stored`` and ``committed`` have the same status."""

    @property
    def is_stored(self) -> bool:
        """Whether the peer is told that its instance is stored."""
        return self.status == SUCCESS or self.status in WARNINGS


OUR_FAULT = Verdict(PROCESSING_FAILURE, "internal error of the gateway")
NOT_TAKEN_WHOLE = Verdict(OUT_OF_RESOURCES, "the store answered before it had the whole instance")
NO_ROOM = Verdict(OUT_OF_RESOURCES, "the gateway's memory limit is reached; send it again later")
NO_UID = Verdict(INVALID_SOP_INSTANCE, "Affected SOP Instance UID is missing or not a valid UID", "refused")
ANOTHER_INSTANCE = Verdict(DOES_NOT_MATCH, "data set and command name different SOP Instance UIDs", "refused")
NOT_SUPPORTED = Verdict(SOP_CLASS_NOT_SUPPORTED, "this SOP class is not stored here", "refused")


def verdict_on(outcome: Outcome) -> Verdict:
    """Return the answer to the peer for *outcome*."""
    word = word_of(outcome)
    if isinstance(outcome, Stored):
        return Verdict(outcome.code if outcome.code in WARNINGS else SUCCESS, outcome=word)
    if isinstance(outcome, Refused):
        default = SOP_CLASS_NOT_SUPPORTED if outcome.unsupported else CANNOT_UNDERSTAND
        return Verdict(_failure(outcome.code, default), outcome.reason, word)
    return Verdict(_failure(outcome.code, OUT_OF_RESOURCES), outcome.reason, word)


def _failure(code: str | None, default: str) -> str:
    named = (code or "").upper()
    return named if STATUS.fullmatch(named) and FAILURE.fullmatch(named) else default
