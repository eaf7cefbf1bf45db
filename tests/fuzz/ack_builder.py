"""The acknowledgements: whatever the header holds, each answer is one block that says what it should."""

from datetime import UTC, datetime
from typing import get_args

from adapters.hl7.acknowledgement import CONDITIONS, acknowledged_id, answer_code, is_positive
from adapters.hl7.answers import AnswerCodes, Answering, answers
from adapters.hl7.er7 import Header, SegmentEnd
from adapters.mllp.events import Block
from adapters.mllp.framing import Framer, frame
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.fuzz.source import Source

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANSWERING = Answering(lambda: NOW, lambda: "NEW", AnswerCodes())
CODES = (None, *CONDITIONS, "C000", "")
SEGMENT_ENDS: tuple[SegmentEnd, ...] = get_args(SegmentEnd)


def target(data: bytes) -> None:
    """Answer the octets with an outcome that carries some of them as the store's own reply."""
    source = Source(data)
    segment_end, outcome = source.choice(SEGMENT_ENDS), _outcome(source)
    block = source.rest()
    assert is_positive(block) == (answer_code(block) in {"AA", "CA"})
    acknowledged_id(block)
    header = Header.parse(block, segment_end=segment_end)
    if header is None:
        return
    for answer in answers(header, outcome, ANSWERING):
        assert [Block(answer.block)] == Framer(1 << 20).receive_data(frame(answer.block))
        if answer.block != getattr(outcome, "reply", None):
            _check_own(header, answer.code, answer.block)


def _outcome(source: Source) -> Outcome:
    reply = source.take() or None
    match source.octet() % 3:
        case 0:
            return Stored(reply)
        case 1:
            return Refused("a fixed reason", reply, source.choice(CODES))
    return Unavailable("a fixed reason")


def _check_own(header: Header, code: str, block: bytes) -> None:
    assert code[0] in "AC"
    assert code[1] in "AER"
    again = Header.parse(block, segment_end="cr")
    assert again is not None
    assert again.usable
    assert block.endswith(b"\r")
    if block.isascii() and b"\x1b" not in block:  # else a delimiter may be half of a character
        assert answer_code(block) == code
        assert again.delimiters == header.delimiters
