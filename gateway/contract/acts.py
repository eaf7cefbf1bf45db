"""The acts of operators on spooled messages, on the crosswalk, on whole stores and on tables, for the audit trail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal


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


@dataclass(frozen=True, slots=True)
class Moved:
    """An import of many objects into a store, or an export of a store. No field names a patient."""

    what: Literal["import", "export"]
    by: str
    """Who did it: the user of the operating system."""
    source: str
    destination: str
    """Addresses without secrets."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the tables. Neither its text nor its answer is here: both may name a patient."""

    by: str
    """Who asked: the user of the operating system."""
    tables: Sequence[str]
    is_answered: bool = True


TellAct = Callable[[Act], Awaitable[Sequence[str]]]
"""Reports an act to the audit trail; returns why each sink that has not written the event has not, such as
"file: No space left on device". The list is empty if the event is in every sink, or if there is no audit trail."""
