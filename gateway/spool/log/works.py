"""What a spool's writer can do with its intake log alone; on the ledger, without a log, each does the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.spool.database.ledger import Added, Key, Ledger, NewMessage, Settled
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.writer import Waiting, Work
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


class Recount:
    """Read anew how much the spool holds; the writer tells that after each piece of its work."""

    def __call__(self, ledger: Ledger) -> tuple[int, int]:
        """Return the octets of payload in the database, and those that may be filled without growing it."""
        return ledger.held(), ledger.reusable()


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


def in_pieces(run: Sequence[Waiting], most: int) -> Iterator[list[Waiting]]:
    """Yield works in pieces, each of which has *most* octets of payloads to append, or little more."""
    piece: list[Waiting] = []
    octets = 0
    for waiting in run:
        piece.append(waiting)
        octets += octets_of(waiting[1])
        if octets >= most:
            yield piece
            piece, octets = [], 0
    if piece:
        yield piece


def octets_of(work: Work) -> int:
    """Return how many octets of payload a piece of work puts into the log."""
    return len(work.new.data or b"") if isinstance(work, Append) else 0
