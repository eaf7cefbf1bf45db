"""What is refused before any delivery."""

import pytest

from adapters.hl7.er7 import Header, SegmentEnd
from adapters.hl7.intake import NO_DELIMITER, NO_MESSAGE_TYPE, WRONG_SEGMENT_END, is_acknowledgement, refusal
from gateway.contract.outcome import Refused

CASES: dict[str, tuple[bytes, SegmentEnd, Refused | None]] = {
    "an ordinary message": (b"MSH|^~\\&|||||||ADT^A01\rPID|1\r", "any", None),
    "line feeds where any end will do": (b"MSH|^~\\&|||||||ADT^A01\nPID|1\n", "any", None),
    "no delimiter": (b"MSH", "any", NO_DELIMITER),
    "no message type": (b"MSH|^~\\&|A|B\rPID|1\r", "any", NO_MESSAGE_TYPE),
    "CR as it must be": (b"MSH|^~\\&|||||||ADT^A01\rPID|1\rOBX|a\nb\r", "cr", None),
    "LF where CR must be": (b"MSH|^~\\&|||||||ADT^A01\nPID|1\n", "cr", WRONG_SEGMENT_END),
    "CRLF where CR must be": (b"MSH|^~\\&|||||||ADT^A01\r\nPID|1\r\n", "cr", WRONG_SEGMENT_END),
}


@pytest.mark.parametrize(("data", "segment_end", "expected"), CASES.values(), ids=CASES)
def test_refusal(data: bytes, segment_end: SegmentEnd, expected: Refused | None) -> None:
    """A message is refused only where its header cannot be used."""
    header = Header.parse(data, segment_end=segment_end)
    assert header is not None
    assert expected == refusal(header, data, segment_end)


@pytest.mark.parametrize(
    ("message_type", "expected"), [(b"ACK", True), (b"ACK^A01^ACK", True), (b"RSP^K21", False), (b"", False)]
)
def test_is_acknowledgement(message_type: bytes, expected: bool) -> None:
    """Only the general acknowledgement is one; a query response is an ordinary message."""
    header = Header.parse(b"MSH|^~\\&|||||||" + message_type)
    assert header is not None
    assert expected == is_acknowledgement(header)
