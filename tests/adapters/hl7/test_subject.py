"""Whom a message names for the audit trail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.subject import subject_of
from gateway.contract.message import Subject

MSH = b"MSH|^~\\&|LAB|NORTH|||2024||ADT^A01|C1|P|2.5\r"

CASES = {
    "CX and XPN": (MSH + b"PID|1||123^^^NORTH^MR||DOE^JANE|X|1970\r", Subject("123^^^NORTH^MR", "DOE^JANE")),
    "first repetitions": (MSH + b"PID|1||1^^^N~2^^^S||DOE^JANE~ROE^J\r", Subject("1^^^N", "DOE^JANE")),
    "line feeds": (MSH.replace(b"\r", b"\n") + b"EVN|A01\nPID|1||123\n", Subject("123")),
    "other delimiters": (b"MSH$%~\\&$LAB\rPID$1$$123%%%NORTH$$DOE%J\r", Subject("123%%%NORTH", "DOE%J")),
    "the first of several patients": (MSH + b"PID|1||1\rPID|2||2\r", Subject("1")),
    "the character set that MSH-18 names": (
        MSH[:-1] + b"||||||8859/1\rPID|1||1||M\xdcLLER\r",
        Subject("1", "M\N{LATIN CAPITAL LETTER U WITH DIAERESIS}LLER"),
    ),
    "octets that are no text": (MSH + b"PID|1||1||M\xdcLLER\r", Subject("1", "M\N{REPLACEMENT CHARACTER}LLER")),
    "cut short": (MSH + b"PID|1||12", Subject("12")),
    "a line of text that looks like PID": (MSH + b"NTE|1||see\nPID|1||9\rPID|1||123\r", Subject("123")),
    "a line feed in the name": (MSH + b"PID|1||123||DOE\nX^JANE\r", Subject("123", "DOE\nX^JANE")),
    "CR, then CRLF": (MSH + b"EVN|A01\r\nPID|1||123\r\n", Subject("123")),
    "no PID": (MSH + b"PV1|1\r", Subject()),
    "no header": (b"PID|1||123\r", Subject()),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES)
def test_subject(data: bytes, expected: Subject) -> None:
    """The patient is the first PID's first identifier and name, in the message's character set."""
    assert expected == subject_of(data)


def test_charset_of_the_listener() -> None:
    """A character set that the listener is set to counts more than MSH-18."""
    assert Subject("1", "\u00dc") == subject_of(MSH + b"PID|1||1||\xdc\r", "8859/1")


@given(st.binary())
def test_any_octets(rest: bytes) -> None:
    """Whatever follows the header, reading never raises."""
    subject_of(MSH + b"PID|1||" + rest)


def test_long_values_are_cut() -> None:
    """A peer cannot fill the trail with an identifier or a name of megabytes."""
    data = b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\rPID|1||" + b"7" * 100_000 + b"||" + b"X" * 100_000 + b"\r"
    subject = subject_of(data)
    assert (256, 256) == (len(subject.patient_id), len(subject.patient_name))
