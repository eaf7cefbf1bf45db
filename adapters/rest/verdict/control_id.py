"""Whether an acknowledgement is about the message that was sent: its MSA-2 repeats the MSH-10 (HL7 2.5, 2.15.8.2).

An acknowledgement that names another message is not accepted, whatever its code: otherwise, with a store that answers
late or a proxy that mixes up replies, one message would count as stored because another one was. If MSA-2 or MSH-10 is
empty, they cannot be compared, and the acknowledgement is accepted.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

Rule = Literal["whole", "first_20", "any"]

SHORT = 20
"""Most characters of MSH-10 and MSA-2 in HL7 2.5 and before; some stores cut off the rest."""
BEFORE = b"\xef\xbb\xbf\x0b\x00 \t\r\n"
"""Octets that may precede a message: a byte order mark, the start of an MLLP block, white space."""
MSH_1, MSH_10 = slice(3, 4), 9
FIRST_SEGMENT = re.compile(rb"[^\r\n]*")
NOT_ASCII = re.compile(rb"[^ -~]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """The control ID that an acknowledgement has to name."""

    control_id: bytes = b""
    """In the form that :func:`plain` returns; empty if any acknowledgement is accepted."""
    is_cut: bool = False
    """Whether the store may cut it to 20 characters."""

    def is_answered_by(self, named: bytes) -> bool:
        """Whether an acknowledgement whose MSA-2 is *named* may be about the message."""
        if not (self.control_id and named):
            return True
        return named == self.control_id or (self.is_cut and named == self.control_id[:SHORT].strip())


ANYTHING = Asked()


def asked(message: bytes, rule: Rule) -> Asked:
    """Return the control ID that the acknowledgement of *message* has to name."""
    start = len(message) - len(message.lstrip(BEFORE))
    found = FIRST_SEGMENT.match(message, start)
    segment = found[0] if found else b""
    separator = segment[MSH_1]
    if rule == "any" or not segment.startswith(b"MSH") or not separator:
        return ANYTHING
    fields = segment.split(separator, MSH_10 + 1)
    return Asked(plain(fields[MSH_10], segment), rule == "first_20") if len(fields) > MSH_10 else ANYTHING


def plain(field: bytes, header: bytes) -> bytes:
    """Return *field* of a message that begins with *header*, in a form that does not depend on its encoding.

    Blanks around the field, the escape sequences of delimiters (2.7.1) and the character set may differ between a
    message and its acknowledgement.
    """
    separator, component, repetition, escape, subcomponent = (header[3 + at : 4 + at] for at in range(5))
    characters = {b"F": separator, b"S": component, b"R": repetition, b"E": escape, b"T": subcomponent}
    if escape and not escape.isalnum() and escape != separator:
        field = _sequences(escape).sub(lambda found: characters[found[1]], field)
    return NOT_ASCII.sub(b"?", field).strip()


@cache
def _sequences(escape: bytes) -> re.Pattern[bytes]:
    quoted = re.escape(escape)
    return re.compile(quoted + rb"([FSRET])" + quoted)
