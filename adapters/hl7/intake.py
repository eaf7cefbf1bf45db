"""What Hilum refuses itself, before any delivery: a message whose header cannot be used.

Everything else is left to the store.
"""

from adapters.hl7.er7 import Header, SegmentEnd
from gateway.contract.outcome import Refused

NO_DELIMITER = Refused("MSH-1 is not a delimiter, so the header cannot be read", code="100")
NO_MESSAGE_TYPE = Refused("MSH-9 (message type) is missing", code="101")
TOO_LARGE = Refused("The block is larger than max_block allows", code="207")
START_INSIDE = Refused("The block holds the octet 0B, which begins a block: send no vertical tabs", code="100")
WRONG_SEGMENT_END = Refused("Segments must end with a carriage return alone", code="100")


def refusal(header: Header, data: bytes, segment_end: SegmentEnd) -> Refused | None:
    """Return why the message *data*, which begins with *header*, is not delivered; None if it is delivered."""
    if not header.usable:
        return NO_DELIMITER
    if segment_end == "cr" and _has_line_feed(header, data):
        return WRONG_SEGMENT_END
    return None if header.first(9) else NO_MESSAGE_TYPE


def is_acknowledgement(header: Header) -> bool:
    """Return whether the message is a general acknowledgement, which is acknowledged only if it asks for that."""
    return header.first(9).strip() == b"ACK"


def _has_line_feed(header: Header, data: bytes) -> bool:
    # Only the end of the first segment is checked: later segments may hold line feeds as text.
    return b"\n" in data[: header.end + 2]
