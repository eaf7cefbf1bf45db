"""Reads HL7 messages from a file: one or several, with or without MLLP framing, with any line ends."""

import re

from adapters.hl7 import batch
from adapters.hl7.er7 import lead
from adapters.hl7.outbound import with_cr
from adapters.mllp.framing import END, START

_FRAMES = re.compile(rb"[\x0b\x1c]+")
_REMAINS = re.compile(rb"(?<!\r)\r*[\x0b\x1c]+[\r\n]*")  # (?<!\r) makes the regex scan a run of CR only once


def messages_in(data: bytes) -> list[bytes]:
    """Return the messages that the file *data* holds, ready to be sent; batch headers are left out.

    Framed blocks are not changed; in other files segments are ended with CR, as the standard demands, and a byte-order
    mark is removed. Framing octets are removed everywhere: a block of which the file has lost the start or the end is
    still recognised by the other one.
    """
    if START in data[: lead(data)]:
        parts = [part.removeprefix(END[1:]) for part in _FRAMES.split(data)]
        return [part for part in parts if lead(part) < len(part)]
    content = batch.cut(_REMAINS.sub(b"\r", data), most=len(data), in_lines=True)
    return [with_cr(message) for message in content.messages]
