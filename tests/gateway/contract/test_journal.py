"""The names in the journal."""

import pytest

from gateway.contract.journal import hl7_type_of, peer_of, printable, record_nothing


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [("CT1", 16, "CT1"), ("x" * 20, 16, "x" * 16), ("a\tb\x1b", 16, "a?b?"), ("Ärzte", 3, "Ärz"), ("", 16, "")],
)
def test_printable(text: str, most: int, expected: str) -> None:
    """A name is cut, and what a terminal or a page could take for a command is a question mark."""
    assert expected == printable(text, most)


def test_peers() -> None:
    """A peer has the name that operators know; without one it is its address."""
    hl7 = {"protocol": "mllp", "peer_ip": "10.0.0.7", "sending_application": "HIS", "sending_facility": "WARD"}
    hl7["message_type"] = "ADT^A01"
    assert "HIS|WARD" == peer_of(hl7)
    assert "HIS|" == peer_of({**hl7, "sending_facility": ""})
    assert "10.0.0.7" == peer_of({**hl7, "sending_application": "", "sending_facility": ""})
    assert "CT1" == peer_of({"protocol": "dimse", "peer_ip": "10.0.0.8", "calling_ae_title": " CT1 "})
    assert "10.0.0.8" == peer_of({"protocol": "dimse", "peer_ip": "10.0.0.8", "calling_ae_title": "  "})
    assert "10.0.0.9" == peer_of({"protocol": "http", "peer_ip": "10.0.0.9", "sending_application": "HIS"})
    assert "" == peer_of({})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("ADT^A01", "ADT^A01"),
        ("ACK", "ACK"),
        ("ZFA^Z01", "ZFA^Z01"),
        ("DOE^JANE", ""),
        ("4711", ""),
        ("adt^a01", ""),
        ("ADT^A01\n", ""),
        ("", ""),
    ],
)
def test_types(found: str, expected: str) -> None:
    """What is no type of HL7 may be a patient's name, and so may be the names beside it: neither is kept."""
    facts = {"protocol": "mllp", "peer_ip": "10.0.0.7", "sending_application": "DOE^JANE", "message_type": found}
    assert expected == hl7_type_of(facts)
    assert ("DOE^JANE|" if expected else "10.0.0.7") == peer_of(facts)


def test_nobody_listens() -> None:
    """Where there is no journal, what is told goes nowhere."""
    record_nothing((1,))
