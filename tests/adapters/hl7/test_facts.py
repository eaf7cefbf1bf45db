"""What routes read of a message."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.er7 import MOST_OCTETS, Header
from adapters.hl7.facts import Facts
from gateway.contract.journal import Signature
from gateway.contract.message import HL7_FACTS

ADT = b"MSH|^~\\&|HIS^1.2^ISO|HOSPITAL|LAB|WARD|2026||ADT^A01^ADT_A01|C1|P^T|2.5.1||||||8859/1~UTF-8\rPID|1\r"


def read(data: bytes) -> Header:
    """Return the header of *data*."""
    header = Header.parse(data)
    assert header is not None
    return header


def test_facts() -> None:
    """Routes read the seven facts of HL7, the message type as type and event."""
    expected = {
        "sending_application": "HIS",
        "sending_facility": "HOSPITAL",
        "receiving_application": "LAB",
        "receiving_facility": "WARD",
        "message_type": "ADT^A01",
        "version": "2.5.1",
        "processing_id": "P",
    }
    assert expected == dict(Facts({}, read(ADT)))
    assert set(HL7_FACTS) == set(expected)


def test_absent_facts() -> None:
    """A fact that the header does not hold has no key."""
    assert {"message_type": "ACK"} == dict(Facts({}, read(b"MSH|^~\\&|||||||ACK\r")))


def test_facts_in_other_delimiters() -> None:
    """The message type is written with ^, whatever the message's component delimiter."""
    assert "ADT^A01" == Facts({}, read(b"MSH#!@%*#A#F#R#F#2026##ADT!A01#C#P#2.5\r"))["message_type"]


def test_known_facts_come_first() -> None:
    """Facts of the listener are available without reading the header, and beside those of the header."""
    facts = Facts({"listener": "adt", "protocol": "mllp"}, read(ADT))
    assert "adt" == facts["listener"]
    assert {"listener", "protocol", *HL7_FACTS} == set(facts)
    assert "calling_ae_title" not in facts
    assert len(facts) == len(list(facts))


@pytest.mark.parametrize("number", [3, 4, 5, 6, 9, 11, 12])
@pytest.mark.parametrize("octets", [b"A", b"\\T\\", b"\xdc", b"\xe9\x99\xa2", b"^", b"~", b"&"])
def test_long_fields_are_cut(number: int, octets: bytes) -> None:
    """No field, whatever is in it, becomes a fact longer than documented."""
    fields = [b""] * 18
    fields[number - 1] = octets * (2 * MOST_OCTETS)
    facts = Facts({}, read(b"MSH|^~\\&|" + b"|".join(fields[2:]) + b"\r"))
    assert [] == [name for name, value in facts.items() if len(value) > 2 * MOST_OCTETS + 1]
    assert sum(map(len, facts.values())) <= 2 * MOST_OCTETS + 1  # MSH-9 is read twice: type and event


HEAVY = {
    "escapes in MSH-4": b"||" + b"\\T\\" * 4_000_000,
    "character sets in MSH-18": b"|" * 16 + b"\xdc" + b"\\T\\~" * 3_000_000,
    "components in MSH-9": b"|" * 7 + b"^" * 12_000_000,
    "a long header in BIG-5": b"||" + b"\xb0|" * 6_000_000 + b"|" * 14 + b"BIG-5",
}


@pytest.mark.parametrize("tail", HEAVY.values(), ids=HEAVY)
def test_heavy_headers(tail: bytes) -> None:
    """A header of 12 MB takes no more time than the search for its delimiters."""
    began = time.process_time()
    facts = Facts({}, read(b"MSH|^~\\&" + tail + b"\r"))
    assert all(len(value) <= 2 * MOST_OCTETS + 1 for value in facts.values())
    assert time.process_time() - began < 0.5


@given(st.binary(max_size=200), st.sampled_from([None, "BIG-5", "nonsense", "~ISO IR87"]))
def test_never_raises(tail: bytes, charset: str | None) -> None:
    """No header makes its facts raise, and none of them is empty."""
    header = Header.parse(b"MSH" + tail, charset)
    assert header is not None
    assert all(Facts({}, header).values())


SIGNATURES = {
    "the sender and the type": (b"MSH|^~\\&|HIS|WARD|||2026||ADT^A01|C1\r", None, (b"HIS", b"WARD", b"ADT^A01")),
    "a character set": (
        b"MSH|^~\\&|H\xd6HE|W|||2026||ADT^A01|C1|P|2.5||||||8859/1\r",
        None,
        (b"H\xd6HE", b"W", b"ADT^A01", b"8859/1"),
    ),
    "the override of a character set": (
        b"MSH|^~\\&|H\xd6HE|W|||2026||ADT^A01|C1|P|2.5||||||8859/1\r",
        "ISO IR87",
        (b"H\xd6HE", b"W", b"ADT^A01", "ISO IR87"),
    ),
    "a short header": (b"MSH|^~\\&|HIS\r", None, None),
    "other delimiters": (b"MSH#*~\\&#HIS#WARD##2026##ADT*A01\r", None, None),
}


@pytest.mark.parametrize(("data", "charset", "expected"), SIGNATURES.values(), ids=SIGNATURES)
def test_signature(data: bytes, charset: str | None, expected: Signature | None) -> None:
    """Octets and the character set stand for what they mean together; there is none once all is read."""
    header = Header.parse(data, charset)
    assert header is not None
    facts = Facts({"listener": "lab"}, header)
    assert expected == facts.signature()
    dict(facts)
    assert facts.signature() is None
