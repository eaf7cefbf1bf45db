"""Reads HL7 messages from a file as people keep them: one or many, framed or not, with any line ends."""

from adapters.hl7 import batch
from adapters.hl7.er7 import lead
from adapters.hl7.outbound import with_cr
from adapters.mllp.framing import START, Block, Framer


def messages_in(data: bytes) -> list[bytes]:
    """Return the messages that the file *data* holds, ready to be sent; batch headers are left out.

    Framed blocks are taken as they are; elsewhere segments get the standard's end, CR, and a byte-order mark goes.
    """
    if START in data[: lead(data)]:
        events = Framer(max_block=len(data)).receive_data(data[data.index(START) :])
        blocks = [event.payload for event in events if isinstance(event, Block)]
        if blocks:
            return blocks
    return [with_cr(message) for message in batch.cut(data, most=len(data)).messages]
