"""What to expect if the same message is sent again: one value for each reply of a store.

Commit mode uses this value, because no peer waits that could decide; ``gateway.flow.settlement`` has the action for
each value. In relay mode the peer decides, by the outcome that it gets.
"""

from enum import StrEnum


class Outlook(StrEnum):
    """Whether the next try may have another result."""

    FINAL = "final"
    """No: the store has said what is wrong with the message."""
    DOUBTFUL = "doubtful"
    """Unlikely: the reply will probably be the same later, and does not say for certain what became of the message."""
    TEMPORARY = "temporary"
    """Yes, once the fault at the store is corrected; no if only this message has the fault."""
    BUSY = "busy"
    """Yes: nothing is wrong except that there was no connection, or no capacity or time now."""
