"""Which bodies without an HL7 acknowledgement count as a success of an endpoint that takes HL7 over HTTP.

These are an empty body, one word that means yes, and a JSON object in which every name and every value is known to
belong to a success. A proxy, a login page or an endpoint that failed may write anything else, in more ways than can be
listed: ``{"status": "500"}``, ``{"stored": false}``, ``{"ack": "AE"}``. So one name or one value that is not in the
lists below is enough to make the body no success. Names compare without regard to case, ``_`` and ``-``.
"""

import binascii
import json
import re
from typing import NamedTuple

WORDS = {b"ok", b"accepted", b"created", b"done", b"received", b"stored", b"success", b"true"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = _words("""
aa accepted acknowledged ca complete completed created delivered done ok processed queued received stored succeeded
success successful successfully true
""")
AROUND = _words("a and been has have hl7 hl7v2 is message request the was were your")
"""Words that a sentence about a success may have in addition to those of YES."""

FLAGS = _words("""
accepted acknowledged created delivered issuccess ok outcome processed received result stored success successful
""")
CODES = _words("""
code httpstatus httpstatuscode overallstatus responsecode resultcode state status statuscode
""")
ACKNOWLEDGEMENTS = _words("ack ackcode acknowledgementcode acknowledgmentcode")
TEXTS = _words("description message msg statusmessage statustext")
IDENTIFIERS = _words("""
controlid correlationid id messagecontrolid messageid reportid requestid submissionid trackingid transactionid uuid
""")
TIMES = _words("createdat date datetime receivedat time timestamp")
TOPICS = _words("topic")
TROUBLES = _words("""
error errorcode errorcount errormessage errors exception exceptions failed failure failures fault faults issue issues
problem problems rejected warning warningcount warnings
""")
CONTAINERS = _words("data details response")

IDENTIFIER = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
TIME = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]?[\d:.]+(?:Z|[+-][\d:]+)?)?")
TOPIC = re.compile(r"[a-z]+(?:-[a-z]+){0,3}")
TOLD_OF = re.compile(r"err|fail|fault|exception|reject|issue|problem|invalid|denied|refus", re.IGNORECASE)
SEGMENT = re.compile(r"(?<![A-Za-z0-9+/])MS[AH](?![A-Za-z0-9+/=])")


class Pair(NamedTuple):
    """One name of a JSON object, with its value."""

    name: str
    value: object


class Pairs(list[Pair]):
    """A JSON object as it is written: a repeated name is there twice."""


def is_bare_success(body: bytes) -> bool:
    """Whether *body* means a success and nothing else."""
    text = body.strip(b"\xef\xbb\xbf \"'.!\r\n\t").lower()
    if not text or text in WORDS:
        return True
    value = _read(body)
    return isinstance(value, Pairs) and _all_speak_for(value)


def _read(body: bytes) -> object:
    try:
        value: object = json.loads(body, object_pairs_hook=lambda pairs: Pairs(Pair(*each) for each in pairs))
    except (ValueError, RecursionError):
        return None
    return value


def _all_speak_for(pairs: Pairs) -> bool:
    waiting = list(pairs)
    while waiting:
        name, value = waiting.pop()
        word = re.sub(r"[_-]", "", name).lower()
        if word in CONTAINERS and isinstance(value, Pairs):
            waiting += value
        elif not _speaks_for(word, value):
            return False
    return True


def _speaks_for(word: str, value: object) -> bool:
    if word in TROUBLES:
        return value is None or value in (False, 0, "", [])  # an empty object is an empty list of pairs
    if word in CONTAINERS:
        return value is None or value in ("", [])
    if value is None:
        return word in TEXTS
    if isinstance(value, bool):
        return value and word in FLAGS | CODES | ACKNOWLEDGEMENTS
    if isinstance(value, int):
        return (word in CODES and 200 <= value < 300) or (word in IDENTIFIERS | TIMES and value > 0)
    return isinstance(value, str) and not hides_hl7(value) and _text_speaks_for(word, value.strip())


def _text_speaks_for(word: str, text: str) -> bool:
    if word in CODES and re.fullmatch(r"2\d\d", text):
        return True
    if word in FLAGS | CODES | ACKNOWLEDGEMENTS:
        return text.lower() in YES
    if word in TEXTS:
        return not text or _is_sentence_of_success(text)
    patterns = ((IDENTIFIERS, IDENTIFIER), (TIMES, TIME), (TOPICS, TOPIC))
    fits = any(word in names and pattern.fullmatch(text) for names, pattern in patterns)
    return fits and TOLD_OF.search(text) is None


def _is_sentence_of_success(text: str) -> bool:
    words = set(re.split(r"[\s.,;:!]+", text.lower())) - {""}
    return words <= YES | AROUND and bool(words & YES)


def hides_hl7(text: str) -> bool:
    """Whether *text* may hold an HL7 message, as it is or in base64."""
    if SEGMENT.search(text):
        return True
    try:
        return binascii.a2b_base64(text, strict_mode=False).lstrip().startswith((b"MSH", b"\x0bMSH", b"MSA"))
    except ValueError:
        return False
