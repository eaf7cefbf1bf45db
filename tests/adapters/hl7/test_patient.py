"""Which patient a message is about."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of

MSH = b"MSH|^~\\&|LAB|NORTH|||2024||ADT^A01|C1|P|2.5\r"

CASES = {
    "number and authority": (MSH + b"PID|1||123^^^NORTH^MR||DOE^JANE\r", "123|NORTH"),
    "a number alone": (MSH + b"PID|1||123\r", "123|"),
    "the first repetition": (MSH + b"PID|1||123^^^NORTH~456^^^SOUTH\r", "123|NORTH"),
    "line feeds": (MSH.replace(b"\r", b"\n") + b"EVN|A01\nPID|1||123\n", "123|"),
    "other delimiters": (b"MSH$%~\\&$LAB\rPID$1$$123%%%NORTH\r", "123|NORTH"),
    "the first of several patients": (MSH + b"PID|1||1\rPV1|1\rPID|2||2\r", "1|"),
    "an empty identifier": (MSH + b"PID|1||^^^NORTH\r", None),
    "a short PID": (MSH + b"PID|1\r", None),
    "a line of text that looks like PID": (MSH + b"NTE|1||see\nPID|1||9\rPID|1||123\r", "123|"),
    "CR, then CRLF": (MSH + b"EVN|A01\r\nPID|1||123\r\n", "123|"),
    "no PID": (MSH + b"PV1|1\r", None),
    "a segment with a similar name": (MSH + b"PIDX|1||123\r", None),
    "no header": (b"PID|1||123\r", None),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES)
def test_patient_id(data: bytes, expected: str | None) -> None:
    """The patient is the first identifier of PID-3 with its assigning authority."""
    assert expected == patient_id(data)


HEAVY = {
    "line feeds only": MSH.replace(b"\r", b"\n") + b"\n" * 500_000 + b"NTE|1\nPID|1||123\n",
    "line feeds behind a CR": MSH + b"\n" * 500_000 + b"NTE|1\rPID|1||123\r",
    "CR only": MSH + b"\r" * 10_000_000 + b"PID|1||123\r",
    "a short identifier before blanks": MSH + b"PID|1||123" + b" " * 10_000_000 + b"\r",
    "components": MSH + b"PID|1||123" + b"^" * 10_000_000 + b"\r",
    "fields": MSH + b"PID|1||123" + b"|" * 10_000_000 + b"\r",
}


@pytest.mark.parametrize("data", HEAVY.values(), ids=HEAVY)
def test_heavy_messages(data: bytes) -> None:
    """A hostile message takes linear time, for the ordering key and for the audit trail."""
    began = time.process_time()
    assert ("123|", "123") == (patient_id(data), subject_of(data).patient_id.strip("^"))
    assert time.process_time() - began < 1


@given(st.binary())
def test_any_octets(rest: bytes) -> None:
    """Whatever follows the header, reading never raises."""
    found = patient_id(MSH + b"PID|1||" + rest)
    assert found is None or found
