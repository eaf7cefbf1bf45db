"""What an HL7 acknowledgement from a store means: just enough ER7 to read MSA-1.

A positive code is `Stored`, a negative one `Refused`, and both carry the acknowledgement itself, which the peer gets
byte for byte. That holds for AR and CR too: some of them mean "send again", but they say so to the peer themselves, in
their ERR segment, and a gateway that answered in its own words would hide it.
"""

import re
from functools import cache

from adapters.rest.nack_words import nack_words
from adapters.rest.outcomes import HL7_ERROR
from gateway.message import Refused, Stored

POSITIVE = {b"AA", b"CA"}
NEGATIVE = {b"AE", b"AR", b"CE", b"CR"}

# Whatever an endpoint may wrap around a message: a byte order mark, an MLLP block, white space.
BEFORE = b"\xef\xbb\xbf\x0b\x00 \t\r\n"
AFTER = b"\x1c\r", b"\x1c\r\n", b"\x1c"

HEADERS = b"MSH", b"BHS", b"FHS"


def find_hl7(body: bytes) -> bytes | None:
    """Return the HL7 message or batch in the body of a reply, without MLLP framing, or None when it is none."""
    message = body.lstrip(BEFORE)
    if not message.startswith(HEADERS):
        return None
    for end in AFTER:
        if message.endswith(end):
            return message.removesuffix(end)
    return message


def read_acknowledgement(message: bytes) -> Stored | Refused | None:
    """Return what *message* acknowledges, or None when it is not one acknowledgement with a known code."""
    codes = _msa_1(message[3:4]).findall(message)
    if not message.startswith(b"MSH") or len(codes) != 1:
        return None
    if codes[0] in POSITIVE:
        return Stored(reply=message)
    if codes[0] in NEGATIVE:
        sentence = f"the store answered with the acknowledgement code {codes[0].decode('ascii')}"
        words = nack_words(message)
        return Refused(f"{sentence}: {words}" if words else sentence, reply=message, code=HL7_ERROR)
    return None


@cache
def _msa_1(separator: bytes) -> re.Pattern[bytes]:
    escaped = re.escape(separator)
    return re.compile(rb"[\r\n]MSA" + escaped + rb" *([A-Z]{2}) *(?=" + escaped + rb"|[\r\n]|\Z)")
