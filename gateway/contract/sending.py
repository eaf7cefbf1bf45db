"""Types shared by the sending commands and the adapters that send."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one sent message or instance."""

    source: str
    """The file it came from."""
    identifier: str
    """Its control ID or SOP Instance UID."""
    answer: str
    """``AA``, ``0000``, …; ``none`` if the message asked for no answer; or the reason why there was no answer."""
    positive: bool


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the receiver."""

    host: str
    port: int
    ae_title: str = ""
