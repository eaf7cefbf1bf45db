"""What a sink is: something that takes audit messages, with blocking calls in a thread of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.audit.message import AuditMessage


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of messages that a sink has taken, beside those that went as they are."""

    shortened: int = 0
    """They went, with texts cut."""
    too_large: int = 0
    """They did not: the way there carries less than an event needs that has been shortened as far as possible."""


class Sink(Protocol):
    """Takes messages in order. What it raises is OSError (``ssl.SSLError`` is one)."""

    name: str
    """The label ``sink`` of ``hilum_audit_events_total``."""

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Hand on *messages*, split or shortened where they are too large. After an error none counts as sent."""

    def close(self) -> None:
        """Let go of what is open; it may be written to again."""
