"""The interface of a sink of audit messages; its calls may block and are made in a thread of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.audit.message import AuditMessage


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of messages that a sink did not send unchanged."""

    shortened: int = 0
    """Sent with shortened texts."""
    too_large: int = 0
    """Not sent: even with the shortest texts they are too large for the network path."""


class Sink(Protocol):
    """Takes messages in order. Its methods raise OSError only (``ssl.SSLError`` is one)."""

    name: str
    """The label ``sink`` of ``hilum_audit_events_total``."""

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Send *messages*; split or shorten those that are too large. After an error none counts as sent."""

    def close(self) -> None:
        """Close what is open; the next :meth:`write` opens it again."""
