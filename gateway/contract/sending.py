"""What the sending commands and the adapters that send agree on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """What one sent message or instance got back."""

    source: str
    """The file it came from."""
    identifier: str
    """Its control ID or SOP Instance UID."""
    answer: str
    """``AA``, ``0000``, …, ``none`` where the message asked for none, or why there was no answer."""
    positive: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send."""

    host: str
    port: int
    ae_title: str = ""
