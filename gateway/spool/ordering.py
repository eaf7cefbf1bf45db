"""Makes the key that orders a message in commit mode, and the identity by which a repetition is recognised."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from gateway.contract.message import Message

OrderBy = Literal["peer", "connection", "patient", "none"]
PatientOf = Callable[[Message], str | None]
"""Reads which patient a message is about; None where it names none."""


class Identity(NamedTuple):
    """What a sender repeats when it sends a message again, or sends another one in its place."""

    text: str
    by_content: bool
    """The text names only the sender: a message with other content has another identity."""


def order_key(message: Message, order_by: OrderBy, patient_of: PatientOf) -> str | None:
    """Return the key: messages that share it are delivered in the order received; None: it waits for no other.

    A message that names no patient is ordered with the others of its peer.
    """
    if order_by == "none":
        return None
    listener = message.facts["listener"]
    if order_by == "connection":
        return f"{listener}|connection|{message.connection}"
    patient = patient_of(message) if order_by == "patient" else None
    return f"{listener}|patient|{patient}" if patient else f"{listener}|peer|{message.facts['peer_ip']}"


def identity(message: Message) -> Identity:
    """Return what a message is recognised by when it is sent again.

    An instance is the same whoever sends it; a control ID is unique for its sender only (HL7 2.15.9.10). A message
    that has neither is the same as one of its sender with the same content.
    """
    if uid := message.identifiers.get("sop_instance_uid"):
        return Identity(f"sop_instance_uid|{uid}", by_content=False)
    sender = [message.facts.get(name, "") for name in ("listener", "sending_application", "sending_facility")]
    if control_id := message.identifiers.get("control_id"):
        return Identity("|".join(("control_id", *sender, control_id)), by_content=False)
    return Identity("|".join(("content", *sender)), by_content=True)
