"""How a destination answers: how long the parts of its exchanges take, and how far its clock is from ours.

Whoever watches the destinations asks those that measure it::

    health = store.health() if isinstance(store, Measured) else UNMEASURED
"""

from typing import Protocol, runtime_checkable

from gateway.contract.observed import Phases
from gateway.contract.records import record


@record
class Health:
    """What a destination has measured of its exchanges."""

    phases: Phases | None = None
    """None until it has had an exchange."""
    clock_skew: float | None = None
    """Seconds by which our clock is ahead of the other side's; None if it does not tell its time."""


UNMEASURED = Health()


@runtime_checkable
class Measured(Protocol):
    """A destination that measures its exchanges. Not every kind does: ask with ``isinstance``."""

    def health(self) -> Health:
        """Return what was measured lately. Costs some microseconds: call it once a second or less often."""
