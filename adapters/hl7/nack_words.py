"""The cause of a negative HL7 acknowledgement, without payload: a code, a place and the known words of its text.

HL7 2.5 and later: ERR-2 place, ERR-3 code, ERR-7 and ERR-8 texts. Before: ERR-1 with both in one, MSA-3 text, MSA-6
code.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from adapters.hl7.acknowledgement import error_segments
from adapters.hl7.er7 import lead
from adapters.hl7.store_words import LOCATED, clean, cut
from gateway.contract.causes import Cause, Diagnosis

MOST_SEGMENTS = 100
"""Most segments MSA and ERR that are read."""
LONGEST = 1024
"""Most octets of a field that are read."""
UNREAD = "unread"
"""The code of an error beyond these limits: it is not known which one it is."""

ERRORS = {
    "100": "segment sequence error",
    "101": "required field missing",
    "102": "data type error",
    "103": "table value not found",
    "104": "value too long",
    "200": "unsupported message type",
    "201": "unsupported event code",
    "202": "unsupported processing id",
    "203": "unsupported version id",
    "204": "unknown key identifier",
    "205": "duplicate key identifier",
    "206": "application record locked",
    "207": "application internal error",
}
"""HL7 table 0357."""
SEVERITY = 4
HARMLESS = {"W", "I"}
"""ERR-4, table 0516: a warning, and information."""


def nack_words(acknowledgement: bytes) -> str:
    """Return the cause in *acknowledgement* as one phrase, or an empty one. Never raises."""
    component, repetition = _delimiters(acknowledgement)
    told: list[str] = []
    for name, *fields in _segments(acknowledgement)[:MOST_SEGMENTS]:
        at = partial(_components, fields, component)
        for words in _words(name, at, _codes_of_error(fields, component, repetition)):
            if words and words not in told:
                told.append(words)
    return cut(", ".join(told))


def error_codes(acknowledgement: bytes) -> list[str]:
    """Return the codes of the errors that *acknowledgement* names, without mere warnings. Never raises.

    An error without a code is an empty one, if there are others.
    """
    component, repetition = _delimiters(acknowledgement)
    codes: list[str] = []
    segments = _segments(acknowledgement)
    for name, *fields in segments[:MOST_SEGMENTS]:
        at = partial(_components, fields, component)
        if name == "MSA":
            codes += [code for code in [at(6)[0].strip()] if code]
        elif at(SEVERITY)[0].strip().upper() not in HARMLESS:
            codes += _codes_of_error(fields, component, repetition) or [""]
    codes += [UNREAD] * (len(segments) > MOST_SEGMENTS)
    return codes if any(codes) else []


def diagnose_nack(msa_1: str, errors: Sequence[str]) -> Diagnosis:
    """Return the diagnosis of a negative acknowledgement with the code *msa_1* and these *errors*.

    Only codes of HL7 table 0357 are told: others are the receiver's own words.
    """
    known = next((each for each in errors if each in ERRORS), None)
    return Diagnosis(Cause.MESSAGE_REFUSED, {"code": msa_1, **({"error": known} if known else {})})


def _segments(acknowledgement: bytes) -> list[list[str]]:
    """Return name and fields of the segments that say why, one more than are read if there are so many."""
    found = error_segments(acknowledgement, MOST_SEGMENTS + 1)
    return [[field[: LONGEST + 1].decode("latin-1") for field in fields] for fields in found]


def _delimiters(acknowledgement: bytes) -> tuple[str, str]:
    """Return what separates components and repetitions."""
    start = lead(acknowledgement)
    encoding = acknowledgement[start + 4 : start + 6].decode("latin-1")
    return encoding[:1] or "^", encoding[1:2] or "~"


def _codes_of_error(fields: list[str], component: str, repetition: str) -> list[str]:
    """Return the codes of an ERR: ERR-3, or the fourth component of each repetition of ERR-1 before 2.5."""
    codes: list[str] = []
    for number, place in ((3, 0), (1, 3)):
        field = "".join(fields[number - 1 : number])
        for each in field[:LONGEST].split(repetition):
            parts = each.split(component)
            codes += [parts[place].split("&")[0].strip()] if len(parts) > place else []
        codes += [UNREAD] * (len(field) > LONGEST)
    return [code for code in codes if code]


def _words(name: str, at: Callable[[int], list[str]], codes: list[str]) -> Iterator[str]:
    if name == "MSA":
        yield _error(at(6)[0])
        yield clean(" ".join(at(3)))
        return
    yield from map(_error, codes)
    yield from (_place(at(number)) for number in (2, 1))
    yield from (clean(" ".join(at(number))) for number in (8, 7))


def _components(fields: list[str], component: str, number: int) -> list[str]:
    """Return the components and subcomponents of a field, at least one."""
    return re.split(f"[&{re.escape(component)}]", "".join(fields[number - 1 : number])[:LONGEST])


def _error(code: str) -> str:
    return f"{code} {ERRORS[code]}" if code in ERRORS else ""


def _place(location: list[str]) -> str:
    """Return segment and field of an ERL: segment, sequence, field, repetition, component."""
    segment, _, field, *_ = [*location, "", "", ""]
    known = segment in LOCATED and field.isascii() and field.isdigit() and len(field) <= 2
    return f"{segment}-{field}" if known else ""
