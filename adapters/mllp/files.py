"""Reads HL7 messages from a file as people keep them: one or many, framed or not, with any line ends."""

import re

from adapters.hl7 import batch
from adapters.hl7.er7 import lead
from adapters.hl7.outbound import with_cr
from adapters.mllp.framing import END, START

_FRAMES = re.compile(rb"[\x0b\x1c]+")
_REMAINS = re.compile(rb"(?<!\r)\r*[\x0b\x1c]+[\r\n]*")  # a run of CR is looked at once


def messages_in(data: bytes) -> list[bytes]:
    """Return the messages that the file *data* holds, ready to be sent; batch headers are left out.

    Framed blocks are taken as they are; elsewhere segments get the standard's end, CR, and a byte-order mark goes. In
    no message stays an octet that frames one: where a file has lost one end of a block, the other still tells of it.
    """
    if START in data[: lead(data)]:
        parts = [part.removeprefix(END[1:]) for part in _FRAMES.split(data)]
        return [part for part in parts if lead(part) < len(part)]
    content = batch.cut(_REMAINS.sub(b"\r", data), most=len(data), in_lines=True)
    return [with_cr(message) for message in content.messages]
