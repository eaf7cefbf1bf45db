"""The cause of a negative HL7 acknowledgement, without payload: a code, a place and the known words of its text.

HL7 2.5 and later: ERR-2 place, ERR-3 code, ERR-7 and ERR-8 texts. Before: ERR-1 with both in one, MSA-3 text, MSA-6
code.
"""

import re
from collections.abc import Iterator
from functools import partial

from adapters.rest.verdict.store_words import LOCATED, clean, cut

MAX_READ = 8192
"""Octets of an acknowledgement that are read."""

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
    text = acknowledgement[:MAX_READ].decode("latin-1")
    field, component = text[3:4] or "|", text[4:5] or "^"
    told: list[str] = []
    for segment in re.split(r"[\r\n]+", text):
        name, *fields = segment.split(field)
        if name in {"ERR", "MSA"}:
            told += [words for words in _words(name, fields, component) if words and words not in told]
    return cut(", ".join(told))


def error_codes(acknowledgement: bytes) -> list[str]:
    """Return the codes of the errors that *acknowledgement* names, without mere warnings. Never raises."""
    text = acknowledgement[:MAX_READ].decode("latin-1")
    field, component = text[3:4] or "|", text[4:5] or "^"
    codes: list[str] = []
    for segment in re.split(r"[\r\n]+", text):
        name, *fields = segment.split(field)
        at = partial(_components, fields, component)
        if name == "ERR" and at(SEVERITY)[0].strip().upper() not in HARMLESS:
            codes += [at(3)[0], *at(1)[3:4]]
        elif name == "MSA":
            codes.append(at(6)[0])
    return [code.strip() for code in codes if code.strip()]


def _words(name: str, fields: list[str], component: str) -> Iterator[str]:
    at = partial(_components, fields, component)
    if name == "MSA":
        yield _error(at(6)[0])
        yield clean(" ".join(at(3)))
        return
    yield from map(_error, (at(3)[0], *at(1)[3:4]))
    yield from (_place(at(number)) for number in (2, 1))
    yield from (clean(" ".join(at(number))) for number in (8, 7))


def _components(fields: list[str], component: str, number: int) -> list[str]:
    """Return the components and subcomponents of a field, at least one."""
    return re.split(f"[&{re.escape(component)}]", "".join(fields[number - 1 : number]))


def _error(code: str) -> str:
    return f"{code} {ERRORS[code]}" if code in ERRORS else ""


def _place(location: list[str]) -> str:
    """Return segment and field of an ERL: segment, sequence, field, repetition, component."""
    segment, _, field, *_ = [*location, "", "", ""]
    known = segment in LOCATED and field.isascii() and field.isdigit() and len(field) <= 2
    return f"{segment}-{field}" if known else ""
