"""What an operator did with spooled messages, for whoever keeps a trace of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """Something that only an operator may do. Nothing in it names a patient, unless *why* does."""

    by: str
    """Who did it: the user of the operating system, or how the admin port knew its caller."""
    what: str
    """A sentence, such as "discarded 3 entries; destination: store"."""
    why: str = ""
    """The operator's own words, where they were asked for any."""
    address: str = ""
    """The caller's IP address, where it came over the admin port."""
    is_done: bool = True
    """False where it was cut off by a failure, in part done or not at all."""


TellAct = Callable[[Act], None]
