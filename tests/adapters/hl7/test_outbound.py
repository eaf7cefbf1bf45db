"""What a destination sends."""

from time import process_time

import pytest

from adapters.hl7.charset import UNDECODABLE, UNKNOWN
from adapters.hl7.outbound import NO_HEADER, Charset, SegmentEnds, prepare, with_cr
from gateway.contract.outcome import Refused

MSH = "MSH|^~\\&|HIS|F|R|RF|2024||ADT^A01|1|P|2.5||||||"


@pytest.mark.parametrize("data", [b"MSH|^~\\&|\nPID|\xff\r\n", b"", b"\xef\xbb\xbfMSH|"])
def test_untouched(data: bytes) -> None:
    """As sent is the same object, whatever it holds."""
    assert data is prepare(data, None, charset="as_sent", segment_end="as_sent")


SEGMENT_ENDS = {
    "LF": (b"MSH|\nPID|\n", b"MSH|\rPID|\r"),
    "CRLF": (b"MSH|\r\nPID|\r\n", b"MSH|\rPID|\r"),
    "mixed, CRLF first": (b"MSH|\r\nEVN|\nPID|\r", b"MSH|\rEVN|\rPID|\r"),
    "mixed, CR first": (b"MSH|\rEVN|\r\nPID|\r\n\nPV1|\r", b"MSH|\rEVN|\rPID|\rPV1|\r"),
    "CR, and LF at the end": (b"MSH|\rPID|\n\n", b"MSH|\rPID|\r"),
    "line feeds in a text": (b"MSH|\rOBX||TX|||a\nPID|b\r", b"MSH|\rOBX||TX|||a\nPID|b\r"),
    "byte-order mark": (b"\xef\xbb\xbfMSH|\r", b"MSH|\r"),
    "blank lines before": (b"\r\nMSH|\r", b"MSH|\r"),
}


@pytest.mark.parametrize(("data", "expected"), SEGMENT_ENDS.values(), ids=SEGMENT_ENDS)
def test_segment_end(data: bytes, expected: bytes) -> None:
    """With `cr`, the first octets are MSH and every segment ends with CR; where its end is CR, a line feed is text."""
    assert expected == prepare(data, None, charset="as_sent", segment_end="cr")
    assert expected == with_cr(data)


LINE_FEEDS = {
    "in a text": (b"MSH|^~\\&|\rOBX||TX|||a\nb\r", rb"MSH|^~\&|\rOBX||TX|||a\X0A\b\r"),
    "several": (b"MSH|^~\\&|\rOBX|\n\na\n|b\r", rb"MSH|^~\&|\rOBX|\X0A\\X0A\a\X0A\|b\r"),
    "what looks like a segment": (b"MSH|^~\\&|\rOBX|a\nPID|b\r", rb"MSH|^~\&|\rOBX|a\X0A\PID|b\r"),
    "another escape character": (b"MSH|^~!&|\rOBX|a\nb\r", rb"MSH|^~!&|\rOBX|a!X0A!b\r"),
    "no escape character": (b"MSH|^|\rOBX|a\nb\r", rb"MSH|^|\rOBX|a b\r"),
    "before a segment": (b"MSH|^~\\&|\rEVN|\r\nPID|\r\n", rb"MSH|^~\&|\rEVN|\rPID|\r"),
    "as segment ends": (b"MSH|^~\\&|\nOBX|a\n", rb"MSH|^~\&|\nOBX|a\n"),
    "CRLF as segment ends": (b"MSH|^~\\&|\r\nOBX|a\r\n", rb"MSH|^~\&|\r\nOBX|a\r\n"),
    "none": (b"MSH|^~\\&|\rOBX|a\r", rb"MSH|^~\&|\rOBX|a\r"),
}


@pytest.mark.parametrize(("data", "expected"), LINE_FEEDS.values(), ids=LINE_FEEDS)
def test_line_feeds(data: bytes, expected: bytes) -> None:
    """A line feed that is text is escaped where the setting says so; one that ends a segment is not."""
    expected = expected.replace(rb"\r", b"\r").replace(rb"\n", b"\n")
    assert expected == prepare(data, None, charset="as_sent", segment_end="as_sent", line_feeds="escaped")
    assert data is prepare(data, None, charset="as_sent", segment_end="as_sent")


def test_two_marks() -> None:
    """Of two byte-order marks the first is dropped; line feeds are told by the end of the first segment."""
    data = b"\xef\xbb\xbf\xef\xbb\xbf\r-\nI\r"
    assert b"\xef\xbb\xbf\r- I\r" == prepare(data, None, charset="as_sent", segment_end="cr", line_feeds="escaped")


def test_nothing_to_mend() -> None:
    """A message that needs no change is not copied."""
    data = b"MSH|^~\\&|\rPID|1\r"
    assert data is prepare(data, None, charset="as_sent", segment_end="cr")


TO_UTF_8 = {
    "latin 1": (MSH + "8859/1\rPID|Müller\r", "iso8859_1", None, MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "Windows-1252 called latin 1": (MSH + "8859/1\rPID|„€“\r", "cp1252", None, MSH + "UNICODE UTF-8\rPID|„€“\r"),
    "ANSI": (MSH + "ANSI\rPID|Müller\r", "cp1252", None, MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "code page 850": (MSH + "CP850\rPID|Müller\r", "cp850", None, MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "line feeds": (MSH + "8859/1\nPID|Müller\n", "iso8859_1", None, MSH + "UNICODE UTF-8\nPID|Müller\n"),
    "further fields": (MSH + "8859/1|DEU|x\rPID|ü\r", "iso8859_1", None, MSH + "UNICODE UTF-8|DEU|x\rPID|ü\r"),
    "override": (MSH + "ASCII\rPID|Müller\r", "cp1252", "WINDOWS-1252", MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "Japanese": (MSH + "~ISO IR87\rPID|山田\r", "iso2022_jp", None, MSH + "UNICODE UTF-8\rPID|山田\r"),
    "Japanese override": (MSH + "\rPID|山田\r", "iso2022_jp", "~ISO IR87", MSH + "UNICODE UTF-8\rPID|山田\r"),
    "half a character like a delimiter": (MSH + "BIG-5\rPID|醫院\r", "big5", None, MSH + "UNICODE UTF-8\rPID|醫院\r"),
    "UTF-8 already": (MSH + "UNICODE UTF-8\rPID|Müller\r", "utf-8", None, MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "byte-order mark": ("\ufeff" + MSH + "UTF-8\rPID|ü\r", "utf-8", None, MSH + "UNICODE UTF-8\rPID|ü\r"),
    "no character set": (MSH + "\rPID|Müller\r", "utf-8", None, MSH + "UNICODE UTF-8\rPID|Müller\r"),
    "short header": ("MSH|^~\\&|A\rPID|1\r", "ascii", None, "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|1\r"),
    "header alone": ("MSH|^~\\&|A", "ascii", None, "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8"),
    "a delimiter that the name holds": (
        "MSH-^~\\&-A\r",
        "ascii",
        None,
        "MSH-^~\\&-A" + 15 * "-" + "UNICODE UTF\\F\\8\r",
    ),
    "other delimiters": ("MSH#^~\\&#A\r", "ascii", None, "MSH#^~\\&#A###############UNICODE UTF-8\r"),
}


def test_a_mark_behind_line_ends() -> None:
    """A byte-order mark before MSH is not part of the message, in any character set."""
    sent = prepare(b"\r\n\xef\xbb\xbf" + MSH.encode() + b"8859/1\r", None, charset="utf-8", segment_end="as_sent")
    assert b"\r\n" + MSH.encode() + b"UNICODE UTF-8\r" == sent


@pytest.mark.parametrize(("text", "encoding", "override", "expected"), TO_UTF_8.values(), ids=TO_UTF_8)
def test_utf_8(text: str, encoding: str, override: str | None, expected: str) -> None:
    """The text stays, its octets become UTF-8, and MSH-18 says so."""
    sent = prepare(text.encode(encoding), override, charset="utf-8", segment_end="as_sent")
    assert isinstance(sent, bytes)
    assert expected == sent.decode()


REFUSED = {
    "octets that ASCII lacks": (MSH.encode() + b"ASCII\rPID|M\xfcller\r", None, UNDECODABLE),
    "octets that neither 8859/1 nor Windows-1252 has": (MSH.encode() + b"8859/1\rPID|M\x81ller\r", None, UNDECODABLE),
    "octets that 8859/2 has as controls": (MSH.encode() + b"8859/2\rPID|M\x81ller\r", None, UNDECODABLE),
    "octets that the override has as controls": (MSH.encode() + b"\rPID|M\x81ller\r", "8859/15", UNDECODABLE),
    "octets that the override lacks": (MSH.encode() + b"8859/1\rPID|M\xfcller\r", "ASCII", UNDECODABLE),
    "a name that nobody knows": (MSH.encode() + b"PRELIM\rPID|1\r", None, UNKNOWN),
    "no header": (b"PID|1\r", None, NO_HEADER),
    "a header without delimiter": (b"MSH", None, NO_HEADER),
}


@pytest.mark.parametrize(("data", "override", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, override: str | None, expected: Refused) -> None:
    """Undecodable messages are refused, without payload in the reason; there are no replacement characters."""
    assert expected == prepare(data, override, charset="utf-8", segment_end="as_sent")


@pytest.mark.parametrize("charset", ["as_sent", "utf-8"])
@pytest.mark.parametrize("segment_end", ["as_sent", "cr"])
def test_both(charset: Charset, segment_end: SegmentEnds) -> None:
    """Character set and segment ends are changed independently."""
    sent = prepare((MSH + "8859/1\nPID|ü\n").encode("latin-1"), None, charset=charset, segment_end=segment_end)
    assert isinstance(sent, bytes)
    assert ("ü".encode() in sent) == (charset == "utf-8")
    assert (b"\n" in sent) == (segment_end == "as_sent")


def test_a_run_of_line_feeds() -> None:
    """A text of a million line feeds takes linear time."""
    message = b"MSH|^~\\&|\rOBX|1|" + b"\n" * 1_000_000 + b"x\rZZZ\n\n"
    started = process_time()
    assert message[:-2] + b"\r" == prepare(message, None, charset="as_sent", segment_end="cr")
    assert process_time() - started < 5.0  # a hundredth of a second; the square took hours


@pytest.mark.parametrize(
    ("end", "expected"),
    [(b"\r", b"\r"), (b"\r\n", b"\r"), (b"\r\n\n", b"\r"), (b"\n", b"\r"), (b"\n\n", b"\r"), (b"", b"")],
)
def test_line_feeds_behind_the_last_segment(end: bytes, expected: bytes) -> None:
    """However many segment ends there are at the end, one is left."""
    message = b"MSH|^~\\&|\rPID|1\n2"
    assert message + expected == prepare(message + end, None, charset="as_sent", segment_end="cr")
