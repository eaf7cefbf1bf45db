"""What a gateway refuses by itself, before any delivery: a message whose header cannot be used.

Everything else is for the store to judge.
"""

from adapters.hl7.er7 import Header, SegmentEnd
from gateway.contract.outcome import Refused

NO_DELIMITER = Refused("MSH-1 is not a delimiter, so the header cannot be read", code="100")
NO_MESSAGE_TYPE = Refused("MSH-9 (message type) is missing", code="101")
TOO_LARGE = Refused("The block is larger than max_block allows", code="207")
START_INSIDE = Refused("The octet 0B begins a block: send texts without vertical tabs", code="100")
WRONG_SEGMENT_END = Refused("Segments must end with a carriage return alone", code="100")


def refusal(header: Header, data: bytes, segment_end: SegmentEnd) -> Refused | None:
    """Return why the message *data*, which *header* begins, is not delivered; None if it is."""
    if not header.usable:
        return NO_DELIMITER
    if segment_end == "cr" and _has_line_feed(header, data):
        return WRONG_SEGMENT_END
    return None if header.first(9) else NO_MESSAGE_TYPE


def is_acknowledgement(header: Header) -> bool:
    """Tell whether the message is a general acknowledgement, which is acknowledged only where it asks for that."""
    return header.first(9).strip() == b"ACK"


def _has_line_feed(header: Header, data: bytes) -> bool:
    # Only around the first segment: later ones may hold line feeds in their text where CR alone ends a segment.
    return b"\n" in data[: header.end + 2]
