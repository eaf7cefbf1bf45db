"""The HL7v2 store's judgement of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.hl7v2.ack import acknowledge, refuse
from gateway.sandbox.hl7v2.message import Fault, Header, Summary, find_fault, read_header, summarise
from gateway.sandbox.hl7v2.parsed import parsed_data

MSH = b"MSH|^~\\&|APP|FAC^1.2^ISO|TO|THERE|20240102030405||ADT^A01^ADT_A01|42|P|2.5"

SOUND = {
    "a header alone": MSH + b"\r",
    "without the last CR": MSH,
    "with segments": MSH + b"\rPID|1\rZZ1|x\r",
    "empty segments": MSH + b"\r\rPID|1\r\r",
    "a segment without fields": MSH + b"\rPID\r",
    "LF within a field": MSH + b"\rNTE|1||a\nb\r",
    "five encoding characters": MSH.replace(b"^~\\&", b"^~\\&#"),
    "other delimiters": MSH.replace(b"|", b"$").replace(b"^", b"!"),
}


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_sound(data: bytes) -> None:
    """These are taken."""
    assert find_fault(data) is None


FAULTY = {
    "empty": (b"", 100, "the message does not start with an MSH segment"),
    "another segment first": (b"PID|1\r" + MSH, 100, "the message does not start with an MSH segment"),
    "a byte-order mark": (b"\xef\xbb\xbf" + MSH, 100, "the message does not start with an MSH segment"),
    "batch": (b"BHS|^~\\&\r" + MSH, 100, "the message does not start with an MSH segment"),
    "cut off": (b"MSH|^~", 102, "MSH-1 and MSH-2 do not define five or six different delimiters"),
    "three encoding characters": (
        MSH.replace(b"^~\\&", b"^~\\"),
        102,
        "MSH-1 and MSH-2 do not define five or six different delimiters",
    ),
    "a delimiter twice": (
        MSH.replace(b"^~\\&", b"^~\\^"),
        102,
        "MSH-1 and MSH-2 do not define five or six different delimiters",
    ),
    "a letter as delimiter": (
        MSH.replace(b"^~\\&", b"^~\\E"),
        102,
        "MSH-1 and MSH-2 do not define five or six different delimiters",
    ),
    "LF ends segments": (MSH + b"\nPID|1\n", 100, "segments are not terminated with CR"),
    "CRLF ends segments": (MSH + b"\r\nPID|1\r\n", 100, "segment 2 does not start with a segment name"),
    "CRLF at the end": (MSH + b"\rPID|1\r\n", 100, "segment 3 does not start with a segment name"),
    "a name in lower case": (MSH + b"\rpid|1\r", 100, "segment 2 does not start with a segment name"),
    "two messages": (MSH + b"\r" + MSH, 100, "segment 2 is a second MSH: send one message at a time"),
    "no MSH-9": (MSH.replace(b"ADT^A01^ADT_A01", b""), 101, "MSH-9 is required"),
    "no MSH-9.1": (MSH.replace(b"ADT^", b"^"), 101, "MSH-9 is required"),
    "no MSH-10": (MSH.replace(b"|42|", b"||"), 101, "MSH-10 is required"),
    "a short header": (b"MSH|^~\\&|A|B\r", 101, "MSH-9 is required"),
}


@pytest.mark.parametrize(("data", "code", "reason"), FAULTY.values(), ids=FAULTY)
def test_faulty(data: bytes, code: int, reason: str) -> None:
    """These are refused, with the code of HL7 table 0357 and a reason."""
    assert find_fault(data) == Fault(code, reason)


def test_summary() -> None:
    """The fields of Google's Message resource are read from MSH and PID."""
    pid = b"PID|1|OLD|4711^^^HOSP^MR~815^^^STATE^SS|ALT^^^^PI||DOE^JANE\r"
    assert summarise(MSH + b"\r" + pid) == Summary(
        control_id="42",
        message_type="ADT",
        send_facility="FAC",
        send_time="2024-01-02T03:04:05.000000Z",
        patient_ids=[
            {"value": "OLD", "type": ""},
            {"value": "4711", "type": "MR"},
            {"value": "815", "type": "SS"},
            {"value": "ALT", "type": "PI"},
        ],
    )


TIMES = {
    "to the second": (b"20240102030405", "2024-01-02T03:04:05.000000Z"),
    "to the minute": (b"202401020304", "2024-01-02T03:04:00.000000Z"),
    "to the day": (b"20240102", "2024-01-02T00:00:00.000000Z"),
    "with zone": (b"20240102030405+0100", "2024-01-02T02:04:05.000000Z"),
    "with fraction and zone": (b"20240102030405.1234-0500", "2024-01-02T08:04:05.123400Z"),
    "no such day": (b"20240230", None),
    "before the first year": (b"00010101000000+1400", None),
    "nonsense": (b"yesterday", None),
    "absent": (b"", None),
}


@pytest.mark.parametrize(("stamp", "instant"), TIMES.values(), ids=TIMES)
def test_send_time(stamp: bytes, instant: str | None) -> None:
    """MSH-7 becomes an instant, in UTC where it has no zone; what is none is left out."""
    assert summarise(MSH.replace(b"20240102030405", stamp)).send_time == instant


@given(
    st.binary() | st.binary().map(lambda tail: MSH + b"\r" + tail) | st.binary().map(lambda tail: b"MSH|^~\\&" + tail)
)
def test_any_octets(data: bytes) -> None:
    """Whatever comes, there is a verdict and an answer, and a sound message can be shown."""
    fault = find_fault(data)
    header = read_header(data)
    if fault is not None:
        assert refuse(header, fault).startswith(b"MSH")
    else:
        assert acknowledge(header or Header()).startswith(b"MSH")
        summarise(data)
        parsed_data(data)
