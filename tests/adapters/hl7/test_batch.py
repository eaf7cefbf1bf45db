"""Splitting blocks into messages, and wrapping answers into batches."""

from datetime import UTC, datetime

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.batch import CUT_SHORT, ORPHANS, STRAY, TOO_MANY, UNCLEAR, Cut, cut, wrap

A = b"MSH|^~\\&|A|||||||1\rPID|1\r"
B = b"MSH|^~&|B|||||||2\rPID|2\r"
FHS = b"FHS|^~\\&|SA|SF|RA|RF|2024||||F1\r"
BHS = b"BHS|^~\\&|SA|SF|RA|RF|2024||||B1\r"
BTS = b"BTS|2\r"
FTS = b"FTS|1\r"
NOW = datetime(2024, 1, 2, tzinfo=UTC)


def names(content: Cut) -> list[bytes]:
    """Return the names of the envelope's segments."""
    return [header.fields[0] for header in content.envelope]


BATCHES: dict[str, tuple[bytes, list[bytes], list[bytes]]] = {
    "file": (FHS + BHS + A + B + BTS + FTS, [A, B], [b"FHS", b"BHS"]),
    "batch": (BHS + A + B + BTS, [A, B], [b"BHS"]),
    "batch of one": (BHS + A + b"BTS|1\r", [A], [b"BHS"]),
    "trailers that are names alone": (FHS + BHS + A + b"BTS\rFTS\r", [A], [b"FHS", b"BHS"]),
    "several batches": (FHS + BHS + A + b"BTS|1\r" + BHS + B + b"BTS|1\rFTS|2\r", [A, B], [b"FHS", b"BHS"]),
    "no batch header": (A + B, [A, B], []),
    "no trailer": (FHS + A + B, [A, B], [b"FHS"]),
    "empty": (FHS + BHS + b"BTS|0\r" + FTS, [], [b"FHS", b"BHS"]),
    "line feeds": ((BHS + A + B + BTS).replace(b"\r", b"\n"), [x.replace(b"\r", b"\n") for x in (A, B)], [b"BHS"]),
    "CRLF": ((BHS + A + B + BTS).replace(b"\r", b"\r\n"), [x.replace(b"\r", b"\r\n") for x in (A, B)], [b"BHS"]),
    "byte-order mark": (b"\xef\xbb\xbf" + BHS + A + b"BTS|1\r", [A], [b"BHS"]),
    "blank lines between": (A + b"\r\n" + B, [A + b"\r\n", B], []),
}


@pytest.mark.parametrize(("data", "messages", "envelope"), BATCHES.values(), ids=BATCHES)
def test_batches(data: bytes, messages: list[bytes], envelope: list[bytes]) -> None:
    """Each MSH begins a message, each message ends before the next or before a batch segment."""
    content = cut(data)
    assert (messages, True, None, envelope) == (content.messages, content.batch, content.refusal, names(content))
    assert not content.miscounted


SINGLES = {
    "plain": A,
    "byte-order mark": b"\xef\xbb\xbf" + A,
    "blank lines before": b"\r\n" + A,
    "MSH as a segment's whole name": A + b"NK1\rMSH\rPID\rMSH\r",
    "MSH in the text": A + b"OBX|1|TX|||see MSH|^~\\&|\r",
    "a trailer without header": A + b"BTS|1\r",
    "a trailer without a number": A + b"BTS|\r",
    "nothing but the name": b"MSH",
    "line feed as data": A + b"OBX|1|TX|||text\nBTS is\nno segment\r",
}


@pytest.mark.parametrize("data", SINGLES.values(), ids=SINGLES)
def test_one_message(data: bytes) -> None:
    """A block with one message is that message: the same object, answered without a batch."""
    content = cut(data)
    assert not content.batch
    assert data is content.messages[0]
    assert 1 == len(content.messages)


WHOLE = b"MSH|^~\\&|LAB|NORTH|HIS|WARD|2024||ORU^R01|9|P|2.5\r"
TEXTS = {
    "a line": b"quoted:\nMSH|^~\\&|",
    "a whole header in a line": b"quoted:\n" + WHOLE[:-1] + b"\nend of it",
    "a whole message, line by line": b"quoted:\n" + (WHOLE + B).replace(b"\r", b"\n") + b"end of it",
    "a batch, line by line": b"quoted:\n" + (BHS + WHOLE + BTS).replace(b"\r", b"\n") + b"end of it",
    "the name and a delimiter": b"see MSH|9|1 and MSH|10",
    "a header without a type": b"see MSH|^~\\&|LAB|NORTH|HIS",
    "base64": b"QUJDMSH+QUJDMSH/MSH=",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_that_looks_like_a_header(text: bytes) -> None:
    """Where CR ends the header, a line feed in a text begins nothing, and neither does a name in a line."""
    data = WHOLE + b"OBX|1|TX|||" + text + b"||||||F\rNTE|1\r"
    assert Cut([data]) == cut(data) == cut(data, "cr")


GAPS = {
    "nothing": b"",
    "blank lines": b"\r\n\r\n",
    "a byte-order mark": b"\xef\xbb\xbf",
    "blanks and a tab": b"  \t",
    "a form feed": b"\f",
    "NUL": b"\0\0",
    "the end of a DOS file": b"\x1a",
    "all of them": b"\r\n \0\f\x1a\r\n\xef\xbb\xbf ",
}


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_between_two_messages(gap: bytes, end: bytes) -> None:
    """Octets that joined files leave between two messages belong to neither, except segment ends."""
    first, second = (message.replace(b"\r", end) for message in (A, B))
    content = cut(first + gap + second)
    assert [first, second] == [content.messages[0].rstrip(b"\r\n") + end, content.messages[1]]


UNCLEARS = {
    "the last segment end is missing": A[:-1] + WHOLE,
    "a blank in its place": A[:-1] + b" " + WHOLE,
    "a byte-order mark in its place": A[:-1] + b"\xef\xbb\xbf" + WHOLE,
    "a line feed in its place": A[:-1] + b"\n" + WHOLE,
    "an empty field before it": A[:-1] + b"|||" + WHOLE,
    "nothing behind it": A[:-1] + WHOLE[:-1],
    "other delimiters": A[:-1] + WHOLE.replace(b"|", b"#"),
    "in a batch": BHS + A[:-1] + WHOLE + BTS,
    "behind a message that is whole": A + B[:-1] + WHOLE,
    "before a message that is whole": A[:-1] + WHOLE + B,
    "a batch header": A[:-1] + BHS + B + BTS,
    "nothing, and line feeds behind": A[:-1] + WHOLE.replace(b"\r", b"\n") + b"PID|2\n",
    "a line feed, and line feeds behind": A[:-1] + b"\n" + WHOLE.replace(b"\r", b"\n") + b"PID|2\n",
    "a type in lower case": A[:-1] + b"\n" + WHOLE.replace(b"ORU", b"oru"),
    "no type": A[:-1] + b"\n" + B,
    "behind a result": A + b"OBX|1|NM|||5" + WHOLE,
    "in the header itself": A[:12] + B,
    "line feeds all over": (A[:-1] + WHOLE).replace(b"\r", b"\n"),
}


HIDDEN = {
    "behind a batch header": BHS[:-1] + WHOLE + b"PID|1\r" + BTS,
    "behind a batch header, no trailer": BHS[:-1] + WHOLE + b"PID|1\r",
    "behind a file header": FHS[:-1] + WHOLE + FTS,
    "behind a batch header in a file": FHS + BHS[:-1] + b" " + WHOLE + BTS + FTS,
    "behind a trailer": BHS + b"BTS|0" + WHOLE,
    "behind no header": b"EVN|1" + WHOLE,
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=HIDDEN)
def test_a_batch_without_another_message(data: bytes) -> None:
    """A batch whose one message stands inside another segment is not empty: that message is refused."""
    content = cut(data)
    assert content.refusal in (UNCLEAR, ORPHANS)
    assert [WHOLE] == [message[: len(WHOLE)] for message in content.messages]
    assert data.startswith((b"BHS", b"FHS")) == content.batch


LINES = {
    "a field by its name": b"MSH-5 is wrong",
    "the name and a colon": b"MSH: see there",
    "the name and a full stop": b"MSH.",
    "a field and a value": b"MSH|9 is wrong",
    "other delimiters, not all": b"MSH#^~#LAB",
    "a quotation": b"MSH'^' is missing",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("gap", [b"", b"\r", b" "], ids=["nothing", "a blank line", "a blank"])
def test_a_line_of_a_text(gap: bytes, line: bytes) -> None:
    """After a raw CR in a text, a name in a sentence is unclear: nothing is delivered."""
    content = cut(A + b"NTE|1||rejected because\r" + gap + line + b"\rOBX|1|TX|||the rest\r")
    assert (UNCLEAR, 1) == (content.refusal, len(content.messages))
    batched = cut(BHS + A + b"NTE|1||see\r" + line.replace(b"MSH", b"BHS") + b"\rOBX|1\r" + B + BTS)
    assert UNCLEAR == batched.refusal


SHORT_HEADERS = {
    "two encoding characters": b"MSH|^~|B\r",
    "no encoding characters": b"MSH||B\r",
    "nothing behind the delimiter": b"MSH|\r",
    "cut in the encoding characters": b"MSH|^~",
    "other delimiters": b"MSH#^~\\&#B\r",
}


@pytest.mark.parametrize("second", SHORT_HEADERS.values(), ids=SHORT_HEADERS)
def test_short_headers(second: bytes) -> None:
    """A second header counts if it is whole, or has the delimiter of the first."""
    assert [A, second] == cut(A + second).messages


@pytest.mark.parametrize("data", UNCLEARS.values(), ids=UNCLEARS)
def test_unclear(data: bytes) -> None:
    """A whole header inside a segment may be text or a second message: nothing of the block is delivered."""
    content = cut(data)
    assert (UNCLEAR, 1) == (content.refusal, len(content.messages))
    assert content.messages[0].startswith(b"MSH|^~\\&|A|")


@pytest.mark.parametrize("data", [b"", b"PID|1\r", b"EVN|\rPID|\r", b"BTS|0\r", b"hello", b"\xef\xbb\xbf\r\n"])
def test_no_message(data: bytes) -> None:
    """Without MSH and without batch header there is nothing to answer."""
    assert Cut([]) == cut(data)


@pytest.mark.parametrize("data", [b"EVN|1\r" + A, b"EVN|1\r" + BHS + A + BTS, b"garbage\r" + A + B])
def test_orphans(data: bytes) -> None:
    """Segments before the first MSH belong to no message, so the block is refused, and the first MSH answered."""
    content = cut(data)
    assert ORPHANS == content.refusal
    assert content.messages[0].startswith(A)
    assert (BHS in data) == content.batch


def test_too_many() -> None:
    """A block of more messages than the limit is refused as a whole, before it takes memory for each."""
    content = cut(BHS + A * 4 + b"BTS|4\r", most=3)
    assert (TOO_MANY, [b"BHS"], True) == (content.refusal, names(content), content.batch)
    assert 1 == len(content.messages)
    assert (TOO_MANY, True) == (cut(A * 4, most=3).refusal, cut(A * 4, most=3).batch)
    assert 3 == len(cut(FHS + BHS + A * 3 + BTS + FTS, most=3).messages)


MISCOUNTS = {
    "a message is missing": BHS + A + b"BTS|2\r",
    "a message too many": BHS + A + B + b"BTS|1\r",
    "no message at all": BHS + b"BTS|2\r",
    "a number that is cut short": BHS + A * 12 + b"BTS|1",
    "no number": BHS + A + b"BTS|one\r",
    "a number too long to be one": BHS + A + b"BTS|" + b"1" * 5000 + b"\r",
    "other delimiters": (BHS + A).replace(b"|", b"#") + b"BTS#2#\r",
    "a batch of other delimiters than its messages": BHS.replace(b"|", b"#") + A + b"BTS#2#\r",
    "the delimiters of its message": BHS + A.replace(b"|", b"#") + b"BTS#2#\r",
    "a message whose file header is missing": A + b"FTS|2\r",
    "a minus sign": BHS + A + b"BTS|-1\r",
    "a fraction": BHS + A + b"BTS|1.5\r",
    "a comma": BHS + A + b"BTS|1,0\r",
    "two signs": BHS + A + b"BTS|++1\r",
    "a number in words behind it": BHS + A + b"BTS|1 message\r",
    "neither batches nor messages": FHS + BHS + A + B + BTS + BHS + A + b"BTS|1\rFTS|4\r",
    "the second batch": BHS + A + b"BTS|1\r" + BHS + B + b"BTS|2\r",
    "a batch is missing": FHS + BHS + A + b"BTS|1\rFTS|2\r",
    "a batch too many": FHS + (BHS + A + b"BTS|1\r") * 2 + b"FTS|1\r",
    "a file without batches": FHS + A + B + b"FTS|3\r",
    "bare messages": A + B + b"BTS|3\r",
    "a message whose batch header is missing": A + b"BTS|2\r",
    "line feeds": (BHS + A + b"BTS|2\r").replace(b"\r", b"\n"),
}


@pytest.mark.parametrize("data", MISCOUNTS.values(), ids=MISCOUNTS)
def test_miscounted(data: bytes) -> None:
    """A trailer with a wrong number means that a part was lost."""
    content = cut(data)
    assert (True, None) == (content.miscounted, content.refusal)
    assert data.count(b"MSH") == len(content.messages)


COUNTS = {
    "no number": BHS + A + B + b"BTS||a comment\r",
    "blanks": BHS + A + b"BTS| 1 \r",
    "zeros before": BHS + A + b"BTS|0001|comment\r",
    "no trailer": BHS + A + B,
    "a file without batches counts one": FHS + A + B + b"FTS|1\r",
    "or its messages": FHS + A + B + b"FTS|2\r",
    "each batch": FHS + (BHS + A + b"BTS|1\r") * 3 + b"FTS|3\r",
    "messages where there are batches": FHS + BHS + A + B + BTS + b"FTS|2\r",
    "messages of several batches": FHS + BHS + A + B + BTS + BHS + A + b"BTS|1\rFTS|3\r",
    "messages in a batch and outside": FHS + A + BHS + B + b"BTS|1\rFTS|2\r",
    "a sign": BHS + A + B + b"BTS|+2\r",
    "decimals": BHS + A + B + b"BTS|2.0\r",
    "a decimal point": BHS + A + B + b"BTS|2.\r",
    "all of them": BHS + A + B + b"BTS| +02.00 ^x|comment\r",
    "a component": BHS + A + B + b"BTS|2^x\r",
    "a component by another delimiter": BHS.replace(b"^~", b"@~") + A + B + b"BTS|2@x\r",
    "a component and no number": BHS + A + B + b"BTS|^2\r",
    "a number alone": BHS + A + B + b"BTS|2",
    "each file": (FHS + BHS + A + b"BTS|1\rFTS|1\r") * 2,
    "bare messages": A + B + b"BTS|2\r",
    "a trailer in a text": BHS + A[:-1] + b"\nBTS|7" + b"\rBTS|1\r",
}


@pytest.mark.parametrize("data", COUNTS.values(), ids=COUNTS)
def test_counted(data: bytes) -> None:
    """A trailer with the right number, or none, is no sign of a loss."""
    content = cut(data)
    assert (False, None) == (content.miscounted, content.refusal)


STRAYS = {
    "no message": b"BTS|0\r",
    "no number": b"BTS|see there\r",
    "a line of a text": b"NTE|1||line\rBTS-1 is wrong\r",
    "a number in a text": b"NTE|1||line\rFTS-2\rOBX|1\r",
    "a file's trailer": b"FTS|0\r",
    "both": b"BTS|1\rFTS|0\r",
}


@pytest.mark.parametrize("trailer", STRAYS.values(), ids=STRAYS)
def test_a_stray_trailer(trailer: bytes) -> None:
    """A single message is no batch: a trailer after it counts only if it gives more messages."""
    assert Cut([A + trailer]) == cut(A + trailer)


@pytest.mark.parametrize("line", [b"BTS-1 is wrong", b"FTS: none", b"BTS.", b"BTS#2"])
def test_a_trailers_name_in_a_text(line: bytes) -> None:
    """In a batch, too, a line with the name of a trailer but without its delimiter stays in its message."""
    first = A + b"NTE|1||see\r" + line + b"\rOBX|1\r"
    content = cut(BHS + first + B + BTS)
    assert ([first, B], False, None) == (content.messages, content.miscounted, content.refusal)


CUTS = {
    "in a segment": BHS + A + B[:-1],
    "in a name": BHS + A + B + b"PV",
    "in a trailer's name": BHS + A + B + b"BT",
    "in a header": BHS + A + B[:20],
    "in a file": FHS + A + B[:-1],
    "in a second batch header": BHS + A + BHS[:-1],
    "behind a line feed that is text": BHS + A + B[:-1] + b"\n",
    "before what ends a file of DOS": BHS + A + B[:-1] + b"\x1a",
    "where line feeds end segments": (BHS + A + B)[:-1].replace(b"\r", b"\n"),
}


@pytest.mark.parametrize("data", CUTS.values(), ids=CUTS)
def test_cut_short(data: bytes) -> None:
    """A batch that ends inside a segment is refused, each of its messages."""
    content = cut(data)
    assert (CUT_SHORT, True) == (content.refusal, content.batch)
    assert data.count(b"MSH") == len(content.messages)


LOST = {
    "behind a trailer": A + B + b"BTS|2\rOBX|1\r",
    "behind a line of a text that looks like a trailer": A + b"NTE|1||see\rBTS|2 above\rOBX|1\r" + B,
    "behind a batch header": BHS + b"EVN|1\r" + A + b"BTS|1\r",
    "behind a file trailer": FHS + BHS + A + b"BTS|1\r" + FTS + b"ZPD|1",
    "behind a file header": FHS + b"PID|1\r" + BHS + A + b"BTS|1\r" + FTS,
}


@pytest.mark.parametrize("data", LOST.values(), ids=LOST)
def test_segments_of_no_message(data: bytes) -> None:
    """What stands between the messages of a batch would be lost: the batch is refused, and each message answered."""
    content = cut(data)
    assert (STRAY, True) == (content.refusal, content.batch)
    assert content.messages


WHOLES = {
    "a trailer without an end": BHS + A + BTS[:-1].replace(b"2", b"1"),
    "a trailer that is a name alone": BHS + A + b"BTS",
    "a whole segment": BHS + A + B,
    "blanks behind": BHS + A + B + b" \0\x1a",
    "CRLF": (BHS + A + B).replace(b"\r", b"\r\n"),
    "bare messages": A + B[:-1],
    "a lone message": A[:-1],
}


@pytest.mark.parametrize("data", WHOLES.values(), ids=WHOLES)
def test_whole(data: bytes) -> None:
    """A batch ends with a complete segment or a trailer; messages outside of batches need no last CR."""
    assert cut(data).refusal is None


ACK = b"MSH|^~\\&|\rMSA|AA|1\r"
WRAPPED = {
    "file": (
        FHS + BHS + A + BTS + FTS,
        b"FHS|^~\\&|RA|RF|SA|SF|20240102000000+0000||||N|F1\rBHS|^~\\&|RA|RF|SA|SF|20240102000000+0000||||N|B1\r"
        + ACK
        + b"BTS|1\rFTS|1\r",
    ),
    "batch": (BHS + A + BTS, b"BHS|^~\\&|RA|RF|SA|SF|20240102000000+0000||||N|B1\r" + ACK + b"BTS|1\r"),
    "no header": (A + B, b"BHS|^~\\&|||A||20240102000000+0000||||N|\r" + ACK + b"BTS|1\r"),
}


@pytest.mark.parametrize(("data", "expected"), WRAPPED.values(), ids=WRAPPED)
def test_wrap(data: bytes, expected: bytes) -> None:
    """Answers are in the received envelope, sender and receiver swapped, with the control ID of the batch."""
    assert expected == wrap(cut(data), [ACK], control_id="N", now=NOW)


def test_wrap_joins_replies_without_end() -> None:
    """A store's reply that lacks its last CR does not run into the next one."""
    wrapped = wrap(cut(BHS + A + B + BTS), [ACK.rstrip(b"\r"), ACK], control_id="N", now=NOW)
    assert wrapped.endswith(b"|B1\r" + ACK + ACK + b"BTS|2\r")


def test_python_hl7_reads_the_batch() -> None:
    """python-hl7 finds the acknowledgements in the answer to a file."""
    wrapped = wrap(cut(FHS + BHS + A + B + BTS + FTS), [ACK, ACK], control_id="N", now=NOW)
    (batch,) = hl7.parse_file(wrapped.decode())
    assert ["AA", "AA"] == [str(message.segment("MSA")[1]) for message in batch]


PIECES = st.lists(
    st.sampled_from([A, B, FHS, BHS, BTS, FTS, b"\r", b"\n", b"MSH", b"BHS", b"|", b"\xef\xbb\xbf", b"X"])
)


@given(PIECES.map(b"".join) | st.binary())
def test_never_raises_and_invents_nothing(data: bytes) -> None:
    """Whatever a block holds, its messages are parts of it in order, and their answers can be wrapped."""
    content = cut(data)
    at = 0
    for message in content.messages:
        at = data.index(message, at) + len(message)
    if content.batch:
        assert ACK in wrap(content, [ACK], control_id="N", now=NOW)
