"""The cause in a negative acknowledgement, without a word of the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.nack_words import UNREAD, diagnose_nack, error_codes, nack_words
from gateway.contract.causes import Cause, Diagnosis

MSH = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\r"

NACKS: dict[str, tuple[bytes, str]] = {
    "code, place and text": (
        MSH + b"MSA|AE|42\rERR||PID^1^3|101^Required field missing^HL70357|E||||PID-3 is missing for DOE\r",
        "101 required field missing, PID-3, PID-3 is missing ...",
    ),
    "before 2.5": (
        MSH + b"MSA|AE|42|Unknown patient 889911\rERR|PID^1^5^103&Table value not found&HL70357\r",
        "unknown patient ..., 103 table value not found, PID-5",
    ),
    "MSA-6": (MSH + b"MSA|AR|42||||207^Application internal error\r", "207 application internal error"),
    "two errors": (
        MSH + b"MSA|AE|42\rERR||PID^1^3|101\rERR||PV1^1^2|103\r",
        "101 required field missing, PID-3, 103 table value not found, PV1-2",
    ),
    "other delimiters": (b"MSH#*~\\&#S\rMSA#AE#42\rERR##PID*1*3#104*x\r", "104 value too long, PID-3"),
    "a code of its own": (MSH + b"MSA|AE|42\rERR|||889911^DOE\r", ""),
    "a place of its own": (MSH + b"MSA|AE|42\rERR||DOE^1^3\r", ""),
    "nothing": (MSH + b"MSA|AE|42\r", ""),
    "line feeds": (MSH.replace(b"\r", b"\n") + b"MSA|AE|42|database is locked\n", "database is locked"),
}


@pytest.mark.parametrize(("acknowledgement", "expected"), NACKS.values(), ids=NACKS)
def test_words(acknowledgement: bytes, expected: str) -> None:
    """Codes of table 0357, places and known words are repeated."""
    assert expected == nack_words(acknowledgement)


@given(st.binary() | st.text("MSAERPID|^&~1032\r").map(lambda text: MSH + text.encode()))
def test_never_raises(acknowledgement: bytes) -> None:
    """Any octets have a cause or none."""
    assert nack_words(acknowledgement).isascii()


CODED: dict[str, tuple[bytes, list[str]]] = {
    "ERR-3": (b"ERR||PID^1|206^locked^HL70357|E\r", ["206"]),
    "ERR-3 with blanks": (b"ERR|| | 207 |\r", ["207"]),
    "several": (b"ERR|||101|E\rERR|||E17|F\r", ["101", "E17"]),
    "a warning": (b"ERR|||206|W\r", []),
    "information": (b"ERR|||0|i\r", []),
    "a warning and an error": (b"ERR|||206|W\rERR|||101\r", ["101"]),
    "ERR-1 of 2.3": (b"ERR|PID^1^3^207&internal&HL70357\r", ["207"]),
    "repetitions of ERR-1": (b"ERR|PID^1^3^207&internal~PID^1^5^101\r", ["207", "101"]),
    "repetitions of ERR-3": (b"ERR|||207~101^missing\r", ["207", "101"]),
    "one without a code": (b"ERR|||205\rERR|PID^1^3||\r", ["205", ""]),
    "only one without a code": (b"ERR|||||||wrong\r", []),
    "far behind": (b"NTE|1||" + b"A" * 20_000 + b"\rERR|||205\r", ["205"]),
    "behind a long text": (b"ERR|||205|E||||" + b"A" * 20_000 + b"\rERR|||101\r", ["205", "101"]),
    "too many": (b"ERR|||205\r" * 200, [*["205"] * 99, UNREAD]),
    "too long": (b"ERR|||" + b"205~" * 500 + b"\r", [*["205"] * 256, UNREAD]),
    "none": (b"", []),
}


@pytest.mark.parametrize(("errors", "expected"), CODED.values(), ids=CODED)
def test_error_codes(errors: bytes, expected: list[str]) -> None:
    """All errors are named in their order, wherever a version of HL7 has them; what only warns is none."""
    assert expected == error_codes(b"MSH|^~\\&|S\rMSA|AE|42\r" + errors)


def test_error_code_of_msa() -> None:
    """MSA-6 is where HL7 2.3 and before have it."""
    assert ["207"] == error_codes(b"MSH|^~\\&|S\rMSA|AE|42||||207^internal\r")


@pytest.mark.parametrize("before", [b"\n", b"\r\n", b"\xef\xbb\xbf", b"\0 "])
def test_octets_before_the_header(before: bytes) -> None:
    """Where an answer begins behind other octets, its errors are read all the same."""
    nack = before + b"MSH|^~\\&|S\rMSA|AE|42\rERR|||205\r"
    assert (["205"], "205 duplicate key identifier") == (error_codes(nack), nack_words(nack))


def test_codes_of_the_diagnosis() -> None:
    """A diagnosis has codes of table 0357 only: others are the receiver's own words."""
    refused = Cause.MESSAGE_REFUSED
    assert Diagnosis(refused, {"code": "AE", "error": "207"}) == diagnose_nack("AE", ["DOE", "207"])
    assert Diagnosis(refused, {"code": "AR"}) == diagnose_nack("AR", ["DOE"])
