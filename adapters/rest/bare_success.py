"""Which bodies without an HL7 acknowledgement may come with the success of an endpoint that takes HL7 over HTTP.

An empty body, one word that means yes, and a JSON object that tells of no error and hides no acknowledgement.
Everything else, such as an HTML page, could just as well come from a proxy or tell of a failure.
"""

import binascii
import re
from collections.abc import Iterator

from adapters.rest.reply import read_json

WORDS = {b"ok", b"accepted", b"created", b"done", b"received", b"stored", b"success", b"true"}
FAILURES = ("error", "fault", "fail", "exception", "reject", "issue", "problem", "invalid")
"""What a name in a JSON object may not hold, unless its value is empty."""
SEGMENT = re.compile(r"(?<![A-Za-z0-9+/])MS[AH](?![A-Za-z0-9+/=])")
YES, NO = {"success", "ok", "accepted"}, (False, None, 0, "", "false", "no")


def is_bare_success(body: bytes) -> bool:
    """Whether *body* says nothing against a success."""
    text = body.strip(b"\xef\xbb\xbf \"'.!\r\n\t").lower()
    if not text or text in WORDS:
        return True
    value = read_json(body)
    return isinstance(value, dict) and not any(_speaks_against(name, each) for name, each in _pairs(value))


def _pairs(value: object) -> Iterator[tuple[str, object]]:
    """Yield every name in *value* with what it names; the elements of an array have the name of the array."""
    waiting = [("", value)]
    while waiting:
        name, current = waiting.pop()
        yield name, current
        if isinstance(current, dict):
            waiting += current.items()
        elif isinstance(current, list):
            waiting += [(name, each) for each in current]


def _speaks_against(name: str, value: object) -> bool:
    word = name.lower()
    if word in YES and value in NO:
        return True
    if word in {"code", "status", "statuscode", "httpstatus"} and isinstance(value, int) and value >= 400:
        return True
    if isinstance(value, str):
        return _tells_of_failure(value) or hides_hl7(value) or (_tells_of_failure(name) and bool(value))
    return _tells_of_failure(name) and bool(value)


def _tells_of_failure(text: str) -> bool:
    return any(word in text.lower() for word in FAILURES)


def hides_hl7(text: str) -> bool:
    """Whether *text* may hold an HL7 message, as it is or in base64."""
    if SEGMENT.search(text):
        return True
    try:
        return binascii.a2b_base64(text, strict_mode=False).lstrip().startswith((b"MSH", b"\x0bMSH", b"MSA"))
    except ValueError:
        return False
