"""What can be wrong, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong."""

    MISSING = "acknowledged and missing"
    UNTRUE = "a relayed answer that was not true"
    FOREIGN = "a store has what nobody sent"
    ORDER = "out of order"
    STALE = "the last content is not the last one acknowledged"
    DUPLICATE = "a duplicate without an explanation"
    WAITING = "left in the spool"
    UNANSWERED = "never acknowledged"
    DIED = "a process ended by itself"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, with what is known of it."""

    fault: Fault
    text: str
    story: Sequence[str] = ()
