"""Reads messages from a file as if a listener had received them, and shows them as lines; for ``hilum try``."""

import re
from collections.abc import Iterator

from adapters.hl7.er7 import Header
from adapters.hl7.facts import Facts
from adapters.mllp.sending.files import messages_in
from gateway.contract.body import WholeBody
from gateway.contract.message import Message

_ENDS = re.compile(rb"\r\n?|\n")


def read_file(data: bytes, listener: str) -> Iterator[Message]:
    """Yield the messages in a file."""
    payloads = messages_in(data)
    if not payloads:
        raise ValueError("it holds no HL7v2 message")
    for number, payload in enumerate(payloads, 1):
        header = Header.parse(payload)
        if header is None:
            raise ValueError(f"message {number} does not begin with MSH")
        facts = Facts({"protocol": "mllp", "listener": listener, "peer_ip": "127.0.0.1"}, header)
        identifiers = {"control_id": control_id} if (control_id := header.text(10)) else {}
        yield Message(f"{number}", WholeBody(payload), facts, identifiers)


def lines(data: bytes) -> list[str]:
    """Return the segments of a message, decoded as UTF-8, with escapes for other octets."""
    return [segment.decode("utf-8", "backslashreplace") for segment in _ENDS.split(data) if segment]
