"""Acknowledgements, built and read."""

from datetime import UTC, datetime, timedelta, timezone

import hl7
import pytest
from hl7apy.parser import parse_message
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.pseudonyms.domains import AUTHORITY, UNKNOWN
from adapters.hl7.acknowledgement import Condition, acknowledge, acknowledged_id, answer_code, answer_text, is_positive
from adapters.hl7.er7 import Header
from gateway.contract.outcome import Finding

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
FAULT = Condition("207", "out of order")
ADT = b"MSH|^~\\&|HIS^1.2^ISO|HOSP|LAB|WARD|20240102||ADT^A01^ADT_A01|C1|P|%s|||||CHE|8859/1\rPID|1||SECRET\r"


def build(data: bytes, code: str = "AA", condition: Condition | None = None) -> bytes:
    """Return Hilum's acknowledgement of *data*."""
    header = Header.parse(data)
    assert header is not None
    return acknowledge(header, code, control_id="N1", now=NOW, condition=condition)


ACKS = {
    "positive": (
        ADT % b"2.5.1",
        "AA",
        None,
        b"MSH|^~\\&|LAB|WARD|HIS^1.2^ISO|HOSP|20240102030405+0100||ACK^A01^ACK|N1|P|2.5.1||||||8859/1\rMSA|AA|C1\r",
    ),
    "negative since 2.5": (
        ADT % b"2.5",
        "AE",
        FAULT,
        (
            b"MSH|^~\\&|LAB|WARD|HIS^1.2^ISO|HOSP|20240102030405+0100||ACK^A01^ACK|N1|P|2.5||||||8859/1\rMSA|AE|C1\r"
            b"ERR|||207^Application internal error^HL70357|E||||out of order\r"
        ),
    ),
    "negative before 2.5": (
        ADT % b"2.4",
        "AE",
        FAULT,
        (
            b"MSH|^~\\&|LAB|WARD|HIS^1.2^ISO|HOSP|20240102030405+0100||ACK^A01^ACK|N1|P|2.4||||||8859/1\r"
            b"MSA|AE|C1|out of order\r"
        ),
    ),
    "positive before 2.3.1": (
        ADT % b"2.3",
        "AA",
        None,
        b"MSH|^~\\&|LAB|WARD|HIS^1.2^ISO|HOSP|20240102030405+0100||ACK|N1|P|2.3||||||8859/1\rMSA|AA|C1\r",
    ),
    "version with a country": (
        b"MSH|^~\\&|||||||ADT^A01|C1|T^A|2.5.1^DEU\r",
        "CA",
        None,
        b"MSH|^~\\&|||||20240102030405+0100||ACK^A01^ACK|N1|T^A|2.5.1^DEU\rMSA|CA|C1\r",
    ),
    "five encoding characters": (
        b"MSH|^~\\&#|A|B|C|D|||ADT^A01|C1|P|2.8\r",
        "AA",
        None,
        b"MSH|^~\\&#|C|D|A|B|20240102030405+0100||ACK^A01^ACK|N1|P|2.8\rMSA|AA|C1\r",
    ),
    "other delimiters": (
        b"MSH#!@%*#A#B#C#D###ADT!A01#C1#P#2.5\r",
        "AE",
        Condition("101", "a#b"),
        (
            b"MSH#!@%*#C#D#A#B#20240102030405+0100##ACK!A01!ACK#N1#P#2.5\rMSA#AE#C1\r"
            b"ERR###101!Required field missing!HL70357#E####a%F%b\r"
        ),
    ),
    "no trigger event": (
        b"MSH|^~\\&|||||||QRY|C1|P|2.5\r",
        "AA",
        None,
        b"MSH|^~\\&|||||20240102030405+0100||ACK|N1|P|2.5\rMSA|AA|C1\r",
    ),
    "no version": (
        b"MSH|^~\\&|A\r",
        "AR",
        FAULT,
        b"MSH|^~\\&|||A||20240102030405+0100||ACK|N1||\rMSA|AR||out of order\r",
    ),
    "nothing but a name": (
        b"MSH",
        "AR",
        FAULT,
        b"MSH|^~\\&|||||20240102030405+0100||ACK|N1||\rMSA|AR||out of order\r",
    ),
    "line ends of its own": (
        b"MSH|^~\\&|||||||ADT^A01|C1|P|2.5\nPID|1\n",
        "AA",
        None,
        b"MSH|^~\\&|||||20240102030405+0100||ACK^A01^ACK|N1|P|2.5\rMSA|AA|C1\r",
    ),
}


@pytest.mark.parametrize(("data", "code", "condition", "expected"), ACKS.values(), ids=ACKS)
def test_acknowledge(data: bytes, code: str, condition: Condition | None, expected: bytes) -> None:
    """The acknowledgement has the form of the message's version, in the message's delimiters."""
    assert expected == build(data, code, condition)


@pytest.mark.parametrize("version", ["2.2", "2.3", "2.3.1", "2.4", "2.5", "2.6"])
def test_other_parsers_read_it(version: str) -> None:
    """python-hl7 and hl7apy find code and control ID where they belong."""
    for code, condition in (("AA", None), ("AE", FAULT)):
        ack = build(ADT % version.encode(), code, condition).decode()
        assert [code, "C1"] == [str(hl7.parse(ack).segment("MSA")[number]) for number in (1, 2)]
        message = parse_message(ack, find_groups=False)
        assert [code, "C1"] == [message.msa.msa_1.value, message.msa.msa_2.value]
        assert "LAB" == message.msh.msh_3.msh_3_1.value


def test_long_text_is_cut() -> None:
    """A reason has room for 80 characters in MSA-3, and for 250 in ERR-8."""
    assert build(ADT % b"2.4", "AE", Condition("207", "x" * 100)).endswith(b"|C1|" + b"x" * 80 + b"\r")
    assert build(ADT % b"2.5", "AE", Condition("207", "x" * 300)).endswith(b"|||" + b"x" * 250 + b"\r")


@pytest.mark.parametrize("authority", AUTHORITY.values())
def test_reason_of_a_step_is_whole(authority: str) -> None:
    """The mend at the end of a long reason reaches the sender."""
    reason = UNKNOWN.format(authority=authority)
    assert reason[-30:].encode() in build(ADT % b"2.5", "AE", Condition("207", reason))


HEADERS = st.binary(max_size=120) | st.lists(
    st.sampled_from([b"|", b"^", b"~", b"\\", b"&", b"\x1c", b"\x0b", b"\r", b"A01", b"2.5.1", b"9" * 5000, b"\xff"])
).map(b"".join)


@given(HEADERS, st.sampled_from([None, FAULT, Condition("999", "\r\x1c|")]))
def test_never_raises_and_stays_a_block(tail: bytes, condition: Condition | None) -> None:
    """Any MSH is acknowledged, with octets that cannot end their block and a code that can be read."""
    ack = build(b"MSH" + tail, "AE", condition)
    assert not set(b"\x0b\x1c") & set(ack)
    assert "AE" == answer_code(ack)
    assert Header.parse(ack) is not None


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="|"), max_size=60))
def test_python_hl7_reads_any(control_id: str) -> None:
    """Whatever the control ID holds, python-hl7 reads it back out of the acknowledgement."""
    ack = build(f"MSH|^~\\&|A|B|C|D|||ADT^A01|{control_id}|P|2.5\r".encode()).decode()
    assert control_id == str(hl7.parse(ack).segment("MSA")[2])


def test_no_payload() -> None:
    """An acknowledgement repeats nothing but the header."""
    assert b"SECRET" not in build(ADT % b"2.5", "AE", FAULT)


ANSWERS = {
    "positive": (b"MSH|^~\\&|\rMSA|AA|C1\r", "AA", True, b"C1"),
    "commit": (b"MSH|^~\\&|\rMSA|CA|C1\r", "CA", True, b"C1"),
    "error": (b"MSH|^~\\&|\rMSA|AE|C1|text\r", "AE", False, b"C1"),
    "reject, line feeds": (b"MSH|^~\\&|\nMSA|AR|C1\n", "AR", False, b"C1"),
    "other delimiters": (b"MSH#^~\\&#\rMSA#AA#C1\r", "AA", True, b"C1"),
    "byte-order mark": (b"\xef\xbb\xbfMSH|^~\\&|\rMSA|AA|C1\r", "AA", True, b"C1"),
    "code only": (b"MSH|^~\\&|\rMSA|AA\r", "AA", True, b""),
    "batch, all positive": (b"BHS|^~\\&|\rMSH|^~\\&|\rMSA|AA|C1\rMSH|^~\\&|\rMSA|AA|C2\rBTS|2\r", "AA", True, b"C1"),
    "batch, one negative": (b"BHS|^~\\&|\rMSH|^~\\&|\rMSA|AA|C1\rMSH|^~\\&|\rMSA|AE|C2\rBTS|2\r", "AE", False, b"C1"),
    "no MSA": (b"MSH|^~\\&|\r", "", False, b""),
    "no code": (b"MSH|^~\\&|\rMSA||C1\r", "", False, b"C1"),
    "not HL7": (b"busy", "", False, b""),
    "nothing": (b"", "", False, b""),
}


@pytest.mark.parametrize(("answer", "code", "positive", "control_id"), ANSWERS.values(), ids=ANSWERS)
def test_reading(answer: bytes, code: str, positive: bool, control_id: bytes) -> None:
    """Code, verdict and control ID are read from the answer; a batch is as good as its worst acknowledgement."""
    assert (code, positive, control_id) == (answer_code(answer), is_positive(answer), acknowledged_id(answer))


@given(st.binary())
def test_reading_never_raises(answer: bytes) -> None:
    """Whatever a store or peer answers can be read."""
    assert is_positive(answer) == (answer_code(answer) in {"AA", "CA"})


SAID = {
    "MSA-3": (b"MSH|^~\\&|A\rMSA|AE|C1|no such ward\r", "no such ward"),
    "ERR-8": (b"MSH|^~\\&|A\rMSA|AE|C1\rERR|||101|E||||no PID\r", "no PID"),
    "none": (b"MSH|^~\\&|A\rMSA|AA|C1\r", ""),
    "no acknowledgement": (b"hello", ""),
}


@pytest.mark.parametrize(("answer", "text"), SAID.values(), ids=SAID)
def test_answer_text(answer: bytes, text: str) -> None:
    """What an acknowledgement says in words stands in MSA-3 or ERR-8."""
    assert text == answer_text(answer)


def test_timestamp_in_utc() -> None:
    """The time is written with its zone."""
    header = Header.parse(b"MSH|^~\\&|")
    assert header is not None
    ack = acknowledge(header, "AA", control_id="1", now=datetime(2024, 1, 2, tzinfo=UTC))
    assert b"|20240102000000+0000|" in ack


TEXTS = {
    "in a text": (b"MSH|^~\\&|S\rMSA|AE|1\rERR|||207|E||||see\nMSA|AA|2\r", "AE", b"1"),
    "before the MSA": (b"MSH|^~\\&|S\rSFT|see\nMSA|AA|2\rMSA|AE|1\r", "AE", b"1"),
    "in a text alone": (b"MSH|^~\\&|S\rNTE|see\nMSA|AA|2\r", "", b""),
    "as segment ends": (b"MSH|^~\\&|S\nMSA|AE|1\n", "AE", b"1"),
    "behind CR": (b"MSH|^~\\&|S\rSFT|1\r\nMSA|AA|1\r\n", "AA", b"1"),
    "behind CR, then in a text": (b"MSH|^~\\&|S\rMSA|AA|1\r\nNTE|\nMSA|AE|2\r", "AA", b"1"),
}


@pytest.mark.parametrize(("answer", "code", "control_id"), TEXTS.values(), ids=TEXTS)
def test_line_feeds(answer: bytes, code: str, control_id: bytes) -> None:
    """If CR ends the answer's MSH, no MSA begins after a line feed."""
    assert (code, control_id) == (answer_code(answer), acknowledged_id(answer))


FINDINGS = (
    Finding("101", "PID-5 is required and missing", "PID^1^5^1"),
    Finding("103", "PID-3.4.1 is not in HL7 table 0300", "PID^1^3^2^4^1"),
    Finding("100", "Segment 4 of the message has a name that its version does not know"),
)
LOCATED = {
    "since 2.5": (
        ADT % b"2.5",
        (
            b"MSA|AE|C1\r"
            b"ERR||PID^1^5^1|101^Required field missing^HL70357|E||||PID-5 is required and missing\r"
            b"ERR||PID^1^3^2^4^1|103^Table value not found^HL70357|E||||PID-3.4.1 is not in HL7 table 0300\r"
            b"ERR|||100^Segment sequence error^HL70357|E||||Segment 4 of the message has a name that its "
            b"version does not know\r"
        ),
    ),
    "before 2.5": (
        ADT % b"2.4",
        (
            b"MSA|AE|C1|PID-5 is required\r"
            b"ERR|PID^1^5^101&Required field missing&HL70357~PID^1^3^103&Table value not found&HL70357\r"
        ),
    ),
    "other delimiters": (
        b"MSH#!@%*#A#B#C#D###ADT!A01#C1#P#2.5\r",
        (
            b"MSA#AE#C1\r"
            b"ERR##PID!1!5!1#101!Required field missing!HL70357#E####PID-5 is required and missing\r"
            b"ERR##PID!1!3!2!4!1#103!Table value not found!HL70357#E####PID-3.4.1 is not in HL7 table 0300\r"
            b"ERR###100!Segment sequence error!HL70357#E####Segment 4 of the message has a name that its "
            b"version does not know\r"
        ),
    ),
    "no repetitions": (b"MSH|^|A|B|C|D|||ADT^A01|C1|P|2.3\r", b"MSA|AE|C1|PID-5 is required\r"),
}


@pytest.mark.parametrize(("data", "expected"), LOCATED.values(), ids=LOCATED)
def test_findings(data: bytes, expected: bytes) -> None:
    """Mistakes are reported with their places, in the form and the delimiters of the message."""
    ack = build(data, "AE", Condition("101", "PID-5 is required", FINDINGS))
    assert expected == ack[ack.index(b"MSA") :]


def test_no_more_than_ten_findings() -> None:
    """The number of mistakes in an answer is limited."""
    assert 10 == build(ADT % b"2.5", "AE", Condition("101", "x", FINDINGS * 20)).count(b"\rERR|")
    assert 9 == build(ADT % b"2.4", "AE", Condition("101", "x", FINDINGS[:1] * 20)).count(b"~PID")


@pytest.mark.timeout(30)
def test_line_feeds_take_no_time() -> None:
    """An answer of nothing but line feeds is read in one pass, and an MSA behind them is found."""
    assert "AA" == answer_code(b"MSH|^~\\&|\n" + b"\n" * 2_000_000 + b"MSA|AA|C1\n")
