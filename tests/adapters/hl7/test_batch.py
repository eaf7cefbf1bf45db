"""Blocks to messages, answers to batches."""

from datetime import UTC, datetime

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.batch import ORPHANS, TOO_MANY, Cut, cut, wrap

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
    "batch of one": (BHS + A + BTS, [A], [b"BHS"]),
    "several batches": (FHS + BHS + A + BTS + BHS + B + BTS + FTS, [A, B], [b"FHS", b"BHS"]),
    "no batch header": (A + B, [A, B], []),
    "no trailer": (FHS + A + B, [A, B], [b"FHS"]),
    "empty": (FHS + BHS + BTS + FTS, [], [b"FHS", b"BHS"]),
    "line feeds": ((BHS + A + B + BTS).replace(b"\r", b"\n"), [x.replace(b"\r", b"\n") for x in (A, B)], [b"BHS"]),
    "CRLF": ((BHS + A + B + BTS).replace(b"\r", b"\r\n"), [x.replace(b"\r", b"\r\n") for x in (A, B)], [b"BHS"]),
    "byte-order mark": (b"\xef\xbb\xbf" + BHS + A + BTS, [A], [b"BHS"]),
    "blank lines between": (A + b"\r\n" + B, [A + b"\r\n", B], []),
}


@pytest.mark.parametrize(("data", "messages", "envelope"), BATCHES.values(), ids=BATCHES)
def test_batches(data: bytes, messages: list[bytes], envelope: list[bytes]) -> None:
    """Each MSH begins a message, each message ends before the next or before a batch segment."""
    content = cut(data)
    assert (messages, True, None, envelope) == (content.messages, content.batch, content.refusal, names(content))


SINGLES = {
    "plain": A,
    "byte-order mark": b"\xef\xbb\xbf" + A,
    "blank lines before": b"\r\n" + A,
    "MSH as a segment's whole name": A + b"NK1\rMSH\rPID\rMSH\r",
    "MSH in the text": A + b"OBX|1|TX|||see MSH|^~\\&|\r",
    "a trailer without header": A + BTS,
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


def test_cr_only() -> None:
    """Where CR alone ends a segment, a line that looks like MSH is text."""
    data = A + b"OBX|1|TX|||quoted:\nMSH|^~\\&|\r"
    assert [data] == cut(data, "cr").messages
    assert 2 == len(cut(data, "any").messages)


@pytest.mark.parametrize("data", [b"", b"PID|1\r", b"EVN|\rPID|\r", b"BTS|0\r", b"hello", b"\xef\xbb\xbf\r\n"])
def test_no_message(data: bytes) -> None:
    """Without MSH and without batch header there is nothing to answer."""
    assert Cut([]) == cut(data)


@pytest.mark.parametrize("data", [b"EVN|1\r" + A, b"EVN|1\r" + BHS + A + BTS, b"garbage\r" + A + B])
def test_orphans(data: bytes) -> None:
    """Segments before the first MSH belong to no message, so the block is refused to the MSH that survives."""
    content = cut(data)
    assert ORPHANS == content.refusal
    assert content.messages[0].startswith(A)
    assert not content.batch


def test_too_many() -> None:
    """A block of more messages than the limit is refused as a whole, before it takes memory for each."""
    content = cut(A * 4, most=3)
    assert TOO_MANY == content.refusal
    assert 1 == len(content.messages)
    assert 3 == len(cut(A * 3, most=3).messages)


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
    """Answers go back in the envelope that came, parties swapped, naming the batch they answer."""
    assert expected == wrap(cut(data), [ACK], control_id="N", now=NOW)


def test_wrap_joins_replies_without_end() -> None:
    """A store's reply that lacks its last CR does not run into the next one."""
    wrapped = wrap(cut(BHS + A + B + BTS), [ACK.rstrip(b"\r"), ACK], control_id="N", now=NOW)
    assert wrapped.endswith(b"|B1\r" + ACK + ACK + b"BTS|2\r")


def test_python_hl7_reads_the_batch() -> None:
    """python-hl7 finds the acknowledgements in the file we answer with."""
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
