"""What the journal keeps of each message: facts without payload and without the patient."""

from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One thing that happened to a message: an answer to its sender, or an attempt of commit mode to deliver it.

    Callers on the hot path give :data:`Record` a plain tuple of these values in this order, which costs a tenth.
    """

    at: float
    """Seconds since the epoch."""
    message_id: str
    listener: str
    """Empty for an attempt of commit mode."""
    peer: str
    """AE title, ``MSH-3|MSH-4`` or IP address."""
    address: str
    """``ip:port`` of the connection."""
    key: str
    """Control ID or SOP Instance UID."""
    type: str
    """``ADT^A01``, a SOP Class UID, or a type of FHIR resource."""
    octets: int
    outcome: str
    """``stored``, ``committed``, ``refused``, ``unavailable``, ``parked``, ``retried``, ``duplicate`` or ``none``."""
    answer: str
    """``AA``, ``A700``, …; empty for an attempt."""
    reason: str
    """Hilum's own sentence; never a store's text."""
    destination: str
    attempts: int
    seconds: float
    """From the last octet to the answer; for an attempt, how long it took."""


Record = Callable[[tuple[object, ...]], None]
"""Takes the values of a Row: an append, at most 1.5 µs of the event loop with all that prepares it."""


def record_nothing(_: tuple[object, ...]) -> None:
    """Take the place of a journal where there is none."""
