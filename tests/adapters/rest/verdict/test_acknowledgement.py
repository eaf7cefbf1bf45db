"""Reading MSA-1 and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.verdict.acknowledgement import find_hl7, read_acknowledgement
from gateway.contract.outcome import Refused, Stored

ACK = b"MSH|^~\\&|STORE|A|PEER|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\r"

FOUND = {
    "bare": (ACK, ACK),
    "in an MLLP block": (b"\x0b" + ACK + b"\x1c\r", ACK),
    "in an MLLP block without its last octet": (b"\x0b" + ACK + b"\x1c", ACK),
    "after a byte order mark": (b"\xef\xbb\xbf" + ACK, ACK),
    "after an empty line": (b"\r\n" + ACK, ACK),
    "a batch": (b"BHS|^~\\&\r", b"BHS|^~\\&\r"),
    "nothing": (b"", None),
    "text": (b"OK", None),
    "JSON": (b'{"MSH": 1}', None),
}


@pytest.mark.parametrize(("body", "expected"), FOUND.values(), ids=FOUND)
def test_find_hl7(body: bytes, expected: bytes | None) -> None:
    """Octets around a message are removed; the message stays byte for byte."""
    assert expected == find_hl7(body)


CODES = {b"AA": Stored, b"CA": Stored, b"AE": Refused, b"AR": Refused, b"CE": Refused, b"CR": Refused}


@pytest.mark.parametrize(("code", "expected"), CODES.items())
@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_codes(code: bytes, expected: type, end: bytes) -> None:
    """All six codes of table 0008 are known, whatever ends the segments, and the message comes along."""
    message = ACK.replace(b"AA", code).replace(b"\r", end)
    outcome = read_acknowledgement(message)
    assert isinstance(outcome, expected)
    assert isinstance(outcome, Stored | Refused)
    assert message == outcome.reply


def test_own_delimiters() -> None:
    """The field separator is the message's own, also one that means something in a pattern."""
    assert isinstance(read_acknowledgement(ACK.replace(b"|", b"*")), Stored)
    assert read_acknowledgement(ACK.replace(b"MSA|", b"MSA*")) is None


UNREADABLE = {
    "no MSA": ACK.replace(b"MSA", b"ERR"),
    "an unknown code": ACK.replace(b"AA", b"AX"),
    "a longer code": ACK.replace(b"AA", b"AAA"),
    "no code": ACK.replace(b"AA", b""),
    "two acknowledgements": ACK + ACK,
    "a batch": b"BHS|^~\\&\r" + ACK,
    "only a name": b"MSH",
    "MSA inside a field": ACK.replace(b"\rMSA", b"|MSA"),
}


@pytest.mark.parametrize("message", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(message: bytes) -> None:
    """Anything else than exactly one acknowledgement with a known code acknowledges nothing."""
    assert read_acknowledgement(message) is None


@given(st.binary())
def test_never_raises(body: bytes) -> None:
    """Any octets are read without an error."""
    read_acknowledgement(b"MSH" + body)
    find_hl7(body)


def test_reason() -> None:
    """The reason of a negative acknowledgement names its cause, and the acknowledgement stays as it is."""
    nack = ACK.replace(b"AA", b"AE") + b"ERR||PID^1^3|101|E|||DOE^JOHN\r"
    outcome = read_acknowledgement(nack)
    assert isinstance(outcome, Refused)
    assert "the store answered with the acknowledgement code AE: 101 required field missing, PID-3" == outcome.reason
    assert nack == outcome.reply
