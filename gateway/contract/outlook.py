"""What is to be expected of sending the same message again: one word for each reply of a store.

Commit mode goes by it, for nobody waits there who could decide: ``gateway.flow.settlement`` says what each word does.
In relay mode the peer decides; it learns from the outcome whether to send again.
"""

from enum import StrEnum


class Outlook(StrEnum):
    """Whether the next try may end otherwise."""

    FINAL = "final"
    """No: the store has said what is wrong with the message."""
    DOUBTFUL = "doubtful"
    """The reply will hardly be another one tomorrow, and does not say for certain what became of the message."""
    TEMPORARY = "temporary"
    """Yes, once the store, or whoever runs it, has mended what is wrong; unless only this message fares so."""
    BUSY = "busy"
    """Yes, for nothing is wrong: there was no connection, or no room or time just now."""
