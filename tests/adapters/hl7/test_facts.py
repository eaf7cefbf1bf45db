"""What routes read of a message."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.er7 import Header
from adapters.hl7.facts import Facts
from gateway.message import HL7_FACTS

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
    """The message type is written with ^ whatever the message divides it with."""
    assert "ADT^A01" == Facts({}, read(b"MSH#!@%*#A#F#R#F#2026##ADT!A01#C#P#2.5\r"))["message_type"]


def test_known_facts_come_first() -> None:
    """What the listener knows costs no look at the header, and is there beside the header's."""
    facts = Facts({"listener": "adt", "protocol": "mllp"}, read(ADT))
    assert "adt" == facts["listener"]
    assert {"listener", "protocol", *HL7_FACTS} == set(facts)
    assert "calling_ae_title" not in facts
    assert len(facts) == len(list(facts))


@given(st.binary(max_size=200), st.sampled_from([None, "BIG-5", "nonsense", "~ISO IR87"]))
def test_never_raises(tail: bytes, charset: str | None) -> None:
    """No header makes its facts raise, and none of them is empty."""
    header = Header.parse(b"MSH" + tail, charset)
    assert header is not None
    assert all(Facts({}, header).values())
