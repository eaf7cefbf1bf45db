"""Makes the outline of an HL7v2 message: each field that is not empty, by number and name, with its length."""

import re
from collections.abc import Iterator
from itertools import islice

from adapters.hl7.er7 import Delimiters, Header
from adapters.hl7.outline.field_names import field_name
from gateway.contract.outline import MOST_PARTS, Part

ENDS = re.compile(rb"[\r\n]+")
SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}")
"""A name of a segment. Anything else at the beginning of a line is text, of which nothing is shown."""
HEADERS = (b"MSH", b"BHS", b"FHS")


def outline(payload: bytes) -> list[Part]:
    """Return the outline of the message that begins with *payload*."""
    header = Header.parse(payload)
    delimiters = Delimiters() if header is None else header.delimiters
    return list(islice(_parts(payload, delimiters), MOST_PARTS))


def _parts(payload: bytes, delimiters: Delimiters) -> Iterator[Part]:
    for segment in ENDS.split(payload):
        name, *fields = segment.split(delimiters.field)
        if not SEGMENT.fullmatch(name):
            if segment:
                yield Part("", "", len(segment), "a line that is no segment")
            continue
        first = 2 if name in HEADERS else 1  # MSH-1 is the delimiter itself
        for number, field in enumerate(fields, first):
            if field:
                place = f"{name.decode()}-{number}"
                yield Part(place, field_name(name.decode(), number), len(field), _detail(field, number, delimiters))


def _detail(field: bytes, number: int, delimiters: Delimiters) -> str:
    if number == 2 and field == delimiters.encoding:
        return ""
    repetitions = field.split(delimiters.repetition)
    components = max(len(each.split(delimiters.component)) for each in repetitions)
    counts = ((len(repetitions), "repetitions"), (components, "components"))
    return ", ".join(f"{count} {what}" for count, what in counts if count > 1)
