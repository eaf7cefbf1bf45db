"""What a sink is: something that takes audit messages, with blocking calls in a thread of its own."""

from collections.abc import Sequence
from typing import Protocol

from gateway.audit.message import AuditMessage


class Sink(Protocol):
    """Takes messages in order. What it raises is OSError (``ssl.SSLError`` is one)."""

    name: str
    """The label ``sink`` of ``hilum_audit_events_total``."""

    def write(self, messages: Sequence[AuditMessage]) -> int:
        """Hand on *messages*; return how many were too large to be sent at all. After an error none counts as sent."""

    def close(self) -> None:
        """Let go of what is open; it may be written to again."""
