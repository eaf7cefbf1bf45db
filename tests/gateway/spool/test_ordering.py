"""The key that orders a message, and the identity by which it is known again."""

import pytest

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.spool.ordering import Identity, OrderBy, identity, order_key

HL7 = {"listener": "adt", "peer_ip": "10.0.0.1", "sending_application": "LAB", "sending_facility": "NORTH"}


def message(facts: dict[str, str] | None = None, **identifiers: str) -> Message:
    """Return a message over one connection."""
    return Message("m1", WholeBody(b""), facts or HL7, identifiers, connection="10.0.0.1:5000")


KEYS: dict[str, tuple[OrderBy, str | None, str | None]] = {
    "by peer": ("peer", "P1", "adt|peer|10.0.0.1"),
    "by connection": ("connection", "P1", "adt|connection|10.0.0.1:5000"),
    "by patient": ("patient", "P1", "adt|patient|P1"),
    "by patient, without one": ("patient", None, "adt|peer|10.0.0.1"),
    "unordered": ("none", "P1", None),
}


@pytest.mark.parametrize(("order_by", "patient", "expected"), KEYS.values(), ids=KEYS)
def test_order_key(order_by: OrderBy, patient: str | None, expected: str | None) -> None:
    """The key is what the listener's `order_by` says; a message about nobody stays among its peer's."""
    assert expected == order_key(message(), order_by, lambda _: patient)


IDENTITIES = {
    "an instance": (message(sop_instance_uid="1.2.3"), "sop_instance_uid|1.2.3", False),
    "an HL7 message": (message(control_id="C1"), "control_id|adt|LAB|NORTH|C1", False),
    "one without a sender": (
        message({"listener": "adt", "peer_ip": "10.0.0.1"}, control_id="C1"),
        "control_id|adt|||C1",
        False,
    ),
    "one without a control ID": (message(), "content|adt|LAB|NORTH", True),
}


@pytest.mark.parametrize(("sent", "text", "by_content"), IDENTITIES.values(), ids=IDENTITIES)
def test_identity(sent: Message, text: str, by_content: bool) -> None:
    """A control ID counts for its sender only, a SOP Instance UID for everyone; without either the content counts."""
    assert Identity(text, by_content) == identity(sent)
