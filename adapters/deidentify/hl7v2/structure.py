"""Fields that say how a message is read: only what HL7 defines stays in them, since they are not searched."""

import re
from collections.abc import Iterator

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.document import Field, Leaf, Segment
from adapters.hl7.charset import codec

MESSAGE_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}|[A-Z]{3}_[A-Z][A-Z0-9]{2}", re.ASCII)
"""A message code, a trigger event, a message structure (tables 0076, 0003, 0354)."""
FORMS = {
    ("MSH", 11): re.compile(r"[DPTARI]"),
    ("MSH", 12): re.compile(r"2(?:\.\d){1,2}", re.ASCII),
    ("MSH", 15): re.compile(r"AL|NE|ER|SU"),
    ("MSH", 16): re.compile(r"AL|NE|ER|SU"),
    ("OBX", 2): re.compile(r"[A-Z]{2,3}"),
}
STRUCTURAL = frozenset({("MSH", 2), ("MSH", 9), ("MSH", 18), *FORMS})


def keep_structure(segment: Segment, number: int, field: Field) -> None:
    """Leave in a structural field what HL7 defines; raises HeldBackError if it has no message type."""
    place = segment.name, number
    if place == ("MSH", 9):
        first = field[0]
        if not all(MESSAGE_TYPE.fullmatch(part[0].raw) or not part[0].raw for part in first[:3]):
            raise HeldBackError("its message type (MSH-9) is none of HL7's form")
        field[:] = [[[part[0]] for part in first[:3]]]
    elif place == ("MSH", 18):
        field[:] = list(_character_sets(field)) or [[[Leaf("")]]]
    elif place in FORMS:
        value = field[0][0][0].raw.strip()
        field[:] = [[[Leaf(value if FORMS[place].fullmatch(value) else "")]]]


def _character_sets(field: Field) -> Iterator[list[list[Leaf]]]:
    """Yield the names of known character sets; the first says how the message is read, so it is one of them."""
    for repetition in field:
        name = repetition[0][0].raw.strip()
        if not name or (len(name) <= 20 and codec([name]) is not None):
            yield [[Leaf(name)]]
