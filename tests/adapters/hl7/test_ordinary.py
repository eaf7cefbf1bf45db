"""Ordinary messages: where a header is recognised by its octets, the general way finds the same."""

import pytest
from hypothesis import given, settings

from adapters.hl7 import batch, intake
from adapters.hl7.answers import answer_is_due
from adapters.hl7.er7 import Header
from adapters.hl7.ordinary import ordinary_header
from tests.adapters.hl7.blocks import blocks

ADT = b"MSH|^~\\&|HIS|HOSP|LAB|WARD|2024||ADT^A01|C1|P|2.5|||||X\rPID|1\r"
OTHERS = {
    "other delimiters": ADT.replace(b"|", b"^"),
    "a truncation character": ADT.replace(b"\\&|", b"\\&#|"),
    "a byte-order mark": b"\xef\xbb\xbf" + ADT,
    "line feeds": ADT.replace(b"\r", b"\n"),
    "both line ends": ADT.replace(b"\r", b"\r\n"),
    "no end": ADT.partition(b"\r")[0],
    "letters beyond ASCII": ADT.replace(b"HIS", b"\xc3\xa9"),
    "ISO 2022 escape sequences": ADT.replace(b"HIS", b"\x1b$B"),
    "another message": ADT + ADT,
    "a trailer": ADT + b"BTS|1\r",
    "a name in a text": ADT + b"NTE|1||FTS\r",
    "an acknowledgement": ADT.replace(b"ADT", b"ACK"),
    "no message type": ADT.replace(b"ADT", b""),
    "enhanced mode": ADT.replace(b"|2.5|||||", b"|2.5|||AL||"),
    "enhanced mode, MSH-16": ADT.replace(b"|2.5|||||", b"|2.5||||NE|"),
    "few fields": b"MSH|^~\\&|HIS|HOSP\r",
    "nothing": b"",
}


def test_ordinary() -> None:
    """The header of an ordinary message is that which the general way reads."""
    expected = Header.parse(ADT, "8859/1")
    assert expected is not None
    assert expected == ordinary_header(ADT, "8859/1")


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_other(data: bytes) -> None:
    """Whatever is not ordinary is left to the general way."""
    assert ordinary_header(data) is None


@settings(max_examples=1000)
@given(blocks())
def test_same_as_the_general_way(data: bytes) -> None:
    """An ordinary block is one message that is not refused, with the same header, and has to be answered."""
    header = ordinary_header(data)
    if header is not None:
        assert batch.Cut([data]) == batch.cut(data)
        assert header == Header.parse(data)
        assert None is intake.refusal(header, data, "any")
        assert None is intake.refusal(header, data, "cr")
        assert answer_is_due(header)
        assert not intake.is_acknowledgement(header)
