"""The HL7v2 store's acknowledgements."""

import re

import pytest

from gateway.sandbox.hl7v2.ack import acknowledge, refuse
from gateway.sandbox.hl7v2.message import Fault, read_header

FAULT = Fault(101, "MSH-10 is required")


def masked(ack: bytes) -> bytes:
    """Return *ack* with its time stamp and its own control ID made the same."""
    return re.sub(rb"[0-9a-f]{20}", b"ID", re.sub(rb"\d{14}\+0000", b"NOW", ack))


ACKS = {
    "2.5": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01^ADT_A01|42|T|2.5",
        b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK^A01^ACK|ID|T|2.5\rMSA|AA|42\r",
    ),
    "2.3": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|T|2.3",
        b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK|ID|T|2.3\rMSA|AA|42\r",
    ),
    "no version": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42",
        b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK|ID||\rMSA|AA|42\r",
    ),
    "no event": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT|42|T|2.5.1",
        b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK|ID|T|2.5.1\rMSA|AA|42\r",
    ),
    "own delimiters and character set": (
        b"MSH$!~\\&$APP$FAC$TO$THERE$20240102$$ADT!A01$42$T$2.5$$$$$$UNICODE UTF-8",
        b"MSH$!~\\&$TO$THERE$APP$FAC$NOW$$ACK!A01!ACK$ID$T$2.5$$$$$$UNICODE UTF-8\rMSA$AA$42\r",
    ),
}


@pytest.mark.parametrize(("message", "ack"), ACKS.values(), ids=ACKS)
def test_acknowledge(message: bytes, ack: bytes) -> None:
    """Sender and receiver change places; version, processing ID, delimiters and character set are the message's."""
    header = read_header(message)
    assert header is not None
    assert masked(acknowledge(header)) == ack


def test_own_control_id() -> None:
    """Each ACK has a control ID of its own."""
    header = read_header(ACKS["2.5"][0])
    assert header is not None
    assert acknowledge(header) != acknowledge(header)


NACKS = {
    "2.5 has ERR": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|T|2.5",
        (
            b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK^A01^ACK|ID|T|2.5\rMSA|AE|42\r"
            b"ERR|||101^Required field missing^HL70357|E||||MSH-10 is required\r"
        ),
    ),
    "2.4 has MSA-3": (
        b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|42|T|2.4",
        b"MSH|^~\\&|TO|THERE|APP|FAC|NOW||ACK^A01^ACK|ID|T|2.4\rMSA|AE|42|MSH-10 is required\r",
    ),
    "the reason has a delimiter": (
        b"MSH|^~\\-|APP|FAC|TO|THERE|20240102||ADT^A01|42|T|2.4",
        b"MSH|^~\\-|TO|THERE|APP|FAC|NOW||ACK^A01^ACK|ID|T|2.4\rMSA|AE|42|MSH 10 is required\r",
    ),
    "no header": (b"PID|1", b"MSH|^~\\&|||||NOW||ACK|ID||\rMSA|AE||MSH-10 is required\r"),
}


@pytest.mark.parametrize(("message", "nack"), NACKS.values(), ids=NACKS)
def test_refuse(message: bytes, nack: bytes) -> None:
    """A NACK tells the reason where its version has the place for it; without a header it goes to nobody."""
    assert masked(refuse(read_header(message), FAULT)) == nack
