"""What an HL7 acknowledgement from a store means: just enough ER7 to read MSA-1 and MSA-2.

A positive code is `Stored`, a negative one `Refused`, and both carry the acknowledgement itself, which the peer gets
byte for byte. This includes those that mean "send again", such as AR with the error 206: the peer can read that itself,
and an acknowledgement made by the gateway would hide it. In commit mode no peer gets them, so there the table of
replies decides (``answers``). An acknowledgement that names another message than the one that was sent is no answer to
it, and the peer never gets it.
"""

import re
from functools import cache

from adapters.hl7.control_id import ANYTHING, BEFORE, Asked, plain
from adapters.hl7.nack_words import diagnose_nack, error_codes, nack_words
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.outcomes import HL7_ERROR
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

POSITIVE = {b"AA", b"CA"}
CODES = POSITIVE | {b"AE", b"AR", b"CE", b"CR"}

AFTER = b"\x1c\r", b"\x1c\r\n", b"\x1c"

ANOTHER = Unavailable(
    "the store's acknowledgement is about another message (MSA-2)",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)
HEADERS = b"MSH", b"BHS", b"FHS"


def find_hl7(body: bytes) -> bytes | None:
    """Return the HL7 message or batch in the body of a reply, without MLLP framing, or None if there is none."""
    message = body.lstrip(BEFORE)
    if not message.startswith(HEADERS):
        return None
    if not message.endswith(AFTER):
        return message
    return next(message.removesuffix(end) for end in AFTER if message.endswith(end))


def read_acknowledgement(
    message: bytes, question: Asked = ANYTHING, answers: Answers = BY_DEFAULT
) -> Stored | Refused | Unavailable | None:
    """Return what *message* answers to *question*, or None if it is not one acknowledgement with a known code."""
    found = _msa(message[3:4]).findall(message)
    if not message.startswith(b"MSH") or len(found) != 1 or found[0][0] not in CODES:
        return None
    code, named = found[0]
    if not question.is_answered_by(plain(named, message)):
        return ANOTHER
    if code in POSITIVE:
        return Stored(reply=message)
    msa_1, words = code.decode("ascii"), nack_words(message)
    sentence = f"the store answered with the acknowledgement code {msa_1}{f': {words}' if words else ''}"
    errors = error_codes(message)
    outlook, diagnosis = answers.to_nack(msa_1, errors), diagnose_nack(msa_1, errors)
    return Refused(sentence, reply=message, code=HL7_ERROR, outlook=outlook, diagnosis=diagnosis)


@cache
def _msa(separator: bytes) -> re.Pattern[bytes]:
    """Return the pattern of MSA-1 and MSA-2."""
    escaped = re.escape(separator)
    msa_1, msa_2 = rb" *([A-Z]{2}) *", escaped + rb"([^\r\n" + escaped + rb"]*)"
    return re.compile(rb"[\r\n]MSA" + escaped + msa_1 + rb"(?:" + msa_2 + rb"|(?=[\r\n]|\Z))")
