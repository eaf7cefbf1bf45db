"""The acts of operators on spooled messages and on the crosswalk of pseudonyms, for the audit trail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """An act of an operator. No field names a patient, unless the operator's text in *why* does."""

    by: str
    """Who did it: the user of the operating system, or the caller's proof of identity at the admin port."""
    what: str
    """A sentence, such as "discarded 3 entries; destination: store"."""
    why: str = ""
    """The reason that the operator gave, if one was asked for."""
    address: str = ""
    """The caller's IP address, if the act came through the admin port."""
    is_done: bool = True
    """False if a failure ended the act, which was then done in part or not at all."""
    on: str = "spool"
    """What was acted on: ``spool`` or ``crosswalk``."""


TellAct = Callable[[Act], Awaitable[Sequence[str]]]
"""Reports an act to the audit trail; returns why each sink that has not written the event has not, such as
"file: No space left on device". The list is empty if the event is in every sink, or if there is no audit trail."""
