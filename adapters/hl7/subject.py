"""Whom a message names, for the audit trail only."""

import re

from adapters.hl7.charset import UNNAMED, codec
from adapters.hl7.er7 import Delimiters, Header, ending, lead
from gateway.message import Subject

NOBODY = Subject()
MOST_OCTETS = 256
"""Of an identifier or a name that are kept: what a peer makes longer must not fill the trail."""


def subject_of(data: bytes, charset: str | None = None) -> Subject:
    """Return ``PID-3`` (its first repetition, a CX) and ``PID-5`` (its first repetition, an XPN) as text.

    *data* is a message or the beginning of one. Nobody where it names none. It never reaches a log.
    """
    header = Header.parse(data, charset)
    if header is None or not header.usable:
        return NOBODY
    separator = header.delimiters.field
    ends = ending(data, lead(data))
    pid = rb"[%b]\n*PID%b([^%b]*)" % (ends, re.escape(separator), ends)  # re keeps what it compiled
    found = re.search(pid, data)
    if found is None:
        return NOBODY
    fields = found[1].split(separator, 5)[:5]
    texts = [_first(each, header.delimiters)[:MOST_OCTETS].decode(_codec(header), "replace") for each in fields]
    return Subject(_at(texts, 3), _at(texts, 5))


def _codec(header: Header) -> str:
    return codec(header.charsets()) or UNNAMED


def _first(field: bytes, delimiters: Delimiters) -> bytes:
    return field.partition(delimiters.repetition)[0]


def _at(texts: list[str], number: int) -> str:
    return texts[number - 1].strip() if number <= len(texts) else ""
