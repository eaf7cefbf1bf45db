"""The patient that a message names, for the audit trail only."""

from adapters.hl7.charset import UNNAMED, codec
from adapters.hl7.er7 import Delimiters, Header
from adapters.hl7.patient import first_pid
from gateway.contract.message import Subject

NOBODY = Subject()
MOST_OCTETS = 256
"""Most octets of an identifier or a name that are kept, so that overlong values do not fill the audit trail."""


def subject_of(data: bytes, charset: str | None = None) -> Subject:
    """Return ``PID-3`` (its first repetition, a CX) and ``PID-5`` (its first repetition, an XPN) as text.

    *data* is a message or the beginning of one. Empty texts if it names no patient. The result must not reach a log.
    """
    header = Header.parse(data, charset)
    if header is None or not header.usable:
        return NOBODY
    fields = first_pid(data, header.delimiters.field, 5)
    texts = [_first(each, header.delimiters)[:MOST_OCTETS].decode(_codec(header), "replace") for each in fields]
    return Subject(_at(texts, 3), _at(texts, 5))


def _codec(header: Header) -> str:
    return codec(header.charsets()) or UNNAMED


def _first(field: bytes, delimiters: Delimiters) -> bytes:
    return field.partition(delimiters.repetition)[0]


def _at(texts: list[str], number: int) -> str:
    return texts[number - 1].strip() if number <= len(texts) else ""
