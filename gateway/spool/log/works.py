"""What a spool's writer can do with its intake log alone; on the ledger, without a log, each does the same."""

from dataclasses import dataclass

from gateway.spool.database.ledger import Added, Key, Ledger, NewMessage, Settled
from gateway.spool.database.reading.queries import Queries
from gateway.spool.interface import Settlement, Total


@dataclass(frozen=True, slots=True)
class Append:
    """Queue a message for those of its destinations that do not have it."""

    new: NewMessage
    now: float

    def __call__(self, ledger: Ledger) -> Added:
        """Do it in the database."""
        return ledger.add(self.new, self.now)


@dataclass(frozen=True, slots=True)
class AddBeside:
    """Queue a message in the database, where other spools look: all that came before has to be there."""

    append: Append

    def __call__(self, ledger: Ledger) -> Added:
        """Do it in the database."""
        return self.append(ledger)


class Sum:
    """Return the sums by destination and state, of the database and of the log; nothing is moved for that."""

    def __call__(self, ledger: Ledger) -> list[Total]:
        """Return those of the database."""
        return Queries(ledger.connection).totals()


class Flush:
    """Have all that came before put into the database."""

    def __call__(self, _ledger: Ledger) -> None:
        """Do nothing more."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Record what became of a delivery that was waiting."""

    key: Key
    settlement: Settlement
    now: float
    wall: float

    def __call__(self, ledger: Ledger) -> Settled:
        """Do it in the database."""
        return ledger.settle(self.key, self.settlement, self.now, self.wall)
