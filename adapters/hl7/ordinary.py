"""Recognizes an ordinary message by its octets: nearly all messages are, and their headers are read in a few calls.

A block is ordinary if it holds one message with the usual delimiters, its header is ASCII and ends with CR, and it asks
for an answer in original mode. For such a block the general way (``batch.cut``, ``Header.parse``, ``intake.refusal``)
always finds the same: one message, this header, no refusal. ``tests/adapters/hl7/test_ordinary.py`` compares the two.
"""

from adapters.hl7.er7 import MOST_FIELDS, STANDARD, Header

_BEGINNING = b"MSH|^~\\&|"
_NAMES = b"MSH", b"BTS", b"FTS"
"""Any of these in the rest of the block may begin another message, or end a batch."""
_MESSAGE_TYPE, _ACCEPT_ACK, _BEHIND_ACKS = 8, 14, 16  # MSH-9; MSH-15 and MSH-16; MSH-17


def ordinary_header(data: bytes, charset: str | None = None) -> Header | None:
    """Return the header of the ordinary message in *data*, or None if *data* is anything else."""
    header = plain_header(data, charset)
    if header is None or not is_to_be_answered(header.fields):
        return None
    for name in _NAMES:
        if data.rfind(name, len(_BEGINNING)) >= 0:  # CPython searches for a few octets three times as fast backwards
            return None
    return header


def plain_header(data: bytes, charset: str | None = None) -> Header | None:
    """Return the header in *data* if it is written as nearly all are: what ``Header.parse`` reads, in a few calls."""
    end = data.find(b"\r")
    if end < 0 or not data.startswith(_BEGINNING) or data.startswith(b"\n", end + 1):
        return None
    segment = data[:end]
    if not segment.isascii() or b"\n" in segment or b"\x1b" in segment:
        return None
    return Header(segment.split(b"|", MOST_FIELDS), STANDARD, usable=True, end=end, charset=charset)


def is_to_be_answered(fields: list[bytes]) -> bool:
    """Return whether the message has a type, is no acknowledgement and asks for an answer in original mode."""
    if len(fields) <= _MESSAGE_TYPE or (len(fields) > _ACCEPT_ACK and any(fields[_ACCEPT_ACK:_BEHIND_ACKS])):
        return False
    message_type = fields[_MESSAGE_TYPE].partition(b"^")[0]
    return bool(message_type) and message_type.strip() != b"ACK"
