"""The readers of HL7v2: header, batch, character sets, and what goes out to a store."""

from typing import get_args

from adapters.hl7 import batch, intake, outbound, patient
from adapters.hl7.charset import codec
from adapters.hl7.er7 import Header, SegmentEnd, ending, lead
from adapters.hl7.facts import Facts
from gateway.contract.message import HL7_FACTS
from gateway.contract.outcome import Refused
from tests.fuzz.source import Source

CHARSETS = (None, "UNICODE UTF-8", "8859/1", "ISO IR14~ISO IR87", "BIG-5", "GB 18030-2000", "KS X 1001", "~ISO IR87")
SEGMENT_ENDS: tuple[SegmentEnd, ...] = get_args(SegmentEnd)
MOST = 4


def target(data: bytes) -> None:
    """Read the octets as one block."""
    source = Source(data)
    segment_end, charset = source.choice(SEGMENT_ENDS), source.choice(CHARSETS)
    block = source.rest()
    header = Header.parse(block, charset, segment_end=segment_end)
    if header is not None:
        _check_header(header, block, segment_end)
    _check_batch(block, segment_end)
    _check_outbound(block, charset)
    assert patient.patient_id(block) != ""


def _check_header(header: Header, block: bytes, segment_end: SegmentEnd) -> None:
    assert 1 <= len(header.fields) <= 31  # MSH has 25; the rest is one piece
    assert all(header.text(number, component) is not None for number in range(1, 25) for component in range(1, 4))
    facts = Facts({}, header)
    assert set(facts) <= set(HL7_FACTS)
    assert all(facts.values())
    assert header.usable or intake.refusal(header, block, segment_end) is intake.NO_DELIMITER
    assert intake.is_acknowledgement(header) in (True, False)


def _check_batch(block: bytes, segment_end: SegmentEnd) -> None:
    content = batch.cut(block, segment_end, MOST)
    assert len(content.messages) <= MOST
    assert content.refusal in (None, batch.CUT_SHORT, batch.STRAY) or len(content.messages) == 1
    assert content.refusal is None or content.messages or content.envelope
    at = 0
    for message in content.messages:  # each is a piece of the block, in order, none overlaps another
        at = block.index(message, at) + len(message)


def _check_outbound(block: bytes, charset: str | None) -> None:
    assert outbound.prepare(block, charset, charset="as_sent", segment_end="as_sent") is block
    cr = outbound.prepare(block, charset, charset="as_sent", segment_end="cr")
    assert isinstance(cr, bytes)
    assert b"\r\n" not in cr
    assert b"\n" not in cr or ending(block, lead(block)) == b"\r"  # there it is text
    escaped = outbound.prepare(block, charset, charset="as_sent", segment_end="cr", line_feeds="escaped")
    assert isinstance(escaped, bytes)
    assert b"\n" not in escaped
    utf_8 = outbound.prepare(block, charset, charset="utf-8", segment_end="cr")
    if isinstance(utf_8, Refused):
        return
    again = Header.parse(utf_8)
    assert again is not None
    delimiters = again.delimiters.field + again.delimiters.encoding
    if len(set(delimiters)) == len(delimiters):  # else nobody can tell what is a delimiter in the name
        assert codec(again.charsets()) == "utf-8"
    assert utf_8.decode("utf-8").encode() == utf_8
