"""Reads one field of a message as text, for the conditions of routes."""

from adapters.hl7.charset import UNNAMED, codec
from adapters.hl7.editing.parts import Parts
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import NotEditable
from adapters.hl7.editing.segments import Segments, open_message
from adapters.hl7.er7 import MOST_OCTETS
from gateway.contract.outcome import Refused


def read_field(data: bytes, path: Path, charset: str | None = None) -> str | None:
    """Return the text at *path*, with undecodable octets replaced and escapes decoded; None if it is empty.

    It is that of the first segment and repetition, unless *path* gives their numbers. If the part at *path* has parts
    itself, it is the first of them, as for a receiver that knows the field as a simple one (HL7 2.8). Of a text that is
    longer than MOST_OCTETS only the beginning is read. *charset* overrides ``MSH-18``. Never raises.
    """
    message = open_message(data, charset)
    if isinstance(message, Refused) or path.field is None:
        return None
    delimiters = message.delimiters
    if path.segment == "MSH" and path.field in (1, 2):
        return (delimiters.field if path.field == 1 else delimiters.encoding).decode()
    for place in message.named(path.segment, path.occurrence or 1):
        text = _octets(message, place, path).decode(codec(message.charsets) or UNNAMED, "replace")
        return message.escapes.read(text).text.strip() or None
    return None


def _octets(message: Segments, place: int, path: Path) -> bytes:
    try:
        return Parts(message).first_text(message.field(place, path.field or 0), path)[:MOST_OCTETS]
    except NotEditable:  # two delimiters are the same character: the end of the first text is unknown
        return b""
