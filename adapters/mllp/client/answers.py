"""What a receiver's answer means: stored, parked, or tried again; by MSA-1 and ERR-3.

HL7 2.9.2.2: AE is about the content. AR is not, and will probably pass later, but "implementers decide", and vendors
differ; so each destination may have rows of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from adapters.hl7.nack_words import diagnose_nack, error_codes, nack_words
from adapters.mllp.client.diagnoses import diagnose
from adapters.mllp.client.events import Answered, MaybeSent, NotSent
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

Meaning = Literal["park", "retry"]
KEY = re.compile(r"(?:AE|AR|CE|CR)(?: ERR-3 [A-Za-z0-9._-]{1,20})?|ERR-3 [A-Za-z0-9._-]{1,20}")
BUSY = frozenset({"206", "207"})
"""HL7 table 0357: application record locked, application internal error."""
DUPLICATE = "205"
"""Duplicate key identifier."""
FINAL = frozenset({*map(str, range(100, 105)), *map(str, range(200, 205)), DUPLICATE})
EARLIER = "an earlier attempt may be stored"
UNCONFIRMED = Unavailable(
    "the message asks for no answer (MSH-15, MSH-16), so it is not known whether it is stored",
    maybe_stored=True,
    outlook=Outlook.FINAL,
)
HL7_ERROR = "207"


def check_key(key: str) -> str:
    """Return *key*, or raise ValueError if it is no key of the table."""
    if not KEY.fullmatch(key):
        raise ValueError("must be like `AE`, `CR`, `ERR-3 207` or `AR ERR-3 207`; positive answers cannot be changed")
    return key


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """The meanings of one receiver's negative acknowledgements."""

    own: Mapping[str, Meaning] = field(default_factory=dict)
    answer_seconds: float = 0.0
    """How long an answer is waited for, to be told where none came."""

    def meaning(self, code: str, errors: Iterable[str]) -> Meaning:
        """Return what MSA-1 *code* with these ERR-3 codes means; of several errors the worst counts."""
        meanings = [self._of(code, error) for error in [each for each in errors if each != "0"] or [""]]
        return "park" if "park" in meanings else "retry"

    def outcome(self, verdict: Answered | MaybeSent | NotSent | None, message: Message) -> Outcome:
        """Return the outcome of *message*; without a verdict it asked for no answer."""
        if isinstance(verdict, Answered):
            if verdict.is_positive:
                return Stored(verdict.block if verdict.code.isalpha() else None, second=verdict.second)
            return self._negative(verdict, message)
        match verdict:
            case None:
                return UNCONFIRMED
            case NotSent(cause):
                return Unavailable(cause, outlook=Outlook.BUSY, diagnosis=diagnose(verdict, self.answer_seconds))
            case MaybeSent(cause):
                diagnosis = diagnose(verdict, self.answer_seconds)
                return Unavailable(cause, maybe_stored=True, outlook=Outlook.BUSY, diagnosis=diagnosis)

    def _negative(self, answered: Answered, message: Message) -> Outcome:
        if not answered.code.isalpha():
            reason, diagnosis = f"the receiver answered {answered.code}, not stored", diagnose_nack(answered.code, ())
            return Unavailable(reason, outlook=Outlook.DOUBTFUL, diagnosis=diagnosis)
        errors, words = error_codes(answered.block), nack_words(answered.block)
        if message.maybe_stored and self._says_stored(answered.code, errors):
            return Stored()
        sentence = f"the receiver answered {answered.code}{f': {words}' if words else ''}"
        if message.maybe_stored:
            sentence = f"{sentence}; {EARLIER}"
        diagnosis = diagnose_nack(answered.code, errors)
        if self.meaning(answered.code, errors) == "park":
            return Refused(sentence, answered.block, HL7_ERROR, diagnosis=diagnosis)
        return Unavailable(sentence, reply=answered.block, outlook=Outlook.DOUBTFUL, diagnosis=diagnosis)

    def _says_stored(self, code: str, errors: Sequence[str]) -> bool:
        """Whether the only error is that the receiver has the message, and no own row says what that means."""
        is_own = f"{code} ERR-3 {DUPLICATE}" in self.own or f"ERR-3 {DUPLICATE}" in self.own
        return set(errors) == {DUPLICATE} and not is_own

    def _of(self, code: str, error: str) -> Meaning:
        keys = (f"{code} ERR-3 {error}", f"ERR-3 {error}", code)
        own = next((self.own[key] for key in keys if key in self.own), None)
        if own is not None:
            return own
        if code[1] == "E":
            return "retry" if error in BUSY else "park"
        return "park" if error in FINAL else "retry"
