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
    """The workers whose messages still wait in spools that it has adopted."""


@dataclass(slots=True)
class Inheritance:
    """The workers whose successor this one is: of the spools of other workers it may adopt only theirs."""

    numbers: Numbers = NOBODY
    tell: Callable[[Estate], None] = lambda _: None
    look: Callable[[], None] | None = None
    """Starts a look for their spools; None in a process without spools."""
    _told: Estate = field(default_factory=Estate)

    def inherit(self, numbers: Numbers) -> None:
        """Become the successor of these workers, and of no others."""
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
