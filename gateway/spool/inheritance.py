"""What a worker takes over from workers that are missing, and what it tells the supervisor of that."""

from collections.abc import Callable
from dataclasses import dataclass, field

Numbers = frozenset[int]
"""Workers, counted from 1."""
NOBODY: Numbers = frozenset()


@dataclass(frozen=True, slots=True)
class Estate:
    """What a worker tells the supervisor."""

    looked: Numbers = NOBODY
    """The workers whose spools it has looked for and adopted, if there were any."""
    waiting: Numbers = NOBODY
    """The workers of whose messages some still wait with it."""


@dataclass(slots=True)
class Inheritance:
    """The workers whose heir this one is: only their spools, of those of other workers, may it adopt."""

    numbers: Numbers = NOBODY
    tell: Callable[[Estate], None] = lambda _: None
    look: Callable[[], None] | None = None
    """Has the spools looked for; None where there are none."""
    _told: Estate = field(default_factory=Estate)

    def inherit(self, numbers: Numbers) -> None:
        """Be the heir of these from now on, and of nobody else."""
        self.numbers = numbers
        if self.look is None:
            self.report(Estate(numbers))
        else:
            self.look()

    def report(self, estate: Estate) -> None:
        """Tell the supervisor what has changed."""
        if estate != self._told:
            self._told = estate
            self.tell(estate)
