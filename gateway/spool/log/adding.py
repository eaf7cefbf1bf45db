"""Takes messages into an intake log's window: what they are duplicates of, and what their records say.

Used in the writer's thread.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence, Set

from gateway.spool.database.ledger import Added, NewMessage, header_of
from gateway.spool.database.recognition import Last, last_of, latest
from gateway.spool.interface import State
from gateway.spool.log.moving import Identity, known_identities
from gateway.spool.log.records import CommittedRecord, Delivery
from gateway.spool.log.window import Item, Window
from gateway.spool.log.works import Append
from gateway.spool.payloads.seal import Seal


class Adding:
    """Adds to a log's *window* what neither that nor the database has."""

    def __init__(self, connection: sqlite3.Connection, seal: Seal, window: Window) -> None:
        self._connection, self._tag, self._window = connection, seal.tag, window
        self._numbers: dict[str, int] = {}
        """Of the destinations."""
        self._seq = 0
        """The number of the last message."""
        self._is_known = False
        """Whether that is so; no message is taken before it is."""

    def forget_number(self) -> None:
        """Ask the database for the number of the last message before another one gets its own."""
        self._is_known = False

    def _know_number(self) -> None:
        if not self._is_known:
            row = self._connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'messages'").fetchone()
            self._seq, self._is_known = max(self._seq, int(row[0] or 0)), True

    def unknown(self, works: Iterable[Append]) -> list[str]:
        """Return the destinations that have no number yet."""
        return [name for work in works for name in work.new.destinations if name not in self._numbers]

    def give_numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Give numbers to destinations and return all there are: they are to be known once the caller has committed."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO destinations (name) VALUES (?)", [(each,) for each in names]
        )
        found = self._connection.execute("SELECT name, id FROM destinations")
        return {str(name): int(number) for name, number in found}

    def know(self, numbers: dict[str, int]) -> None:
        """Use these numbers of destinations from now on: the database knows what the log names."""
        self._numbers = numbers

    def add_all(self, works: Sequence[Append]) -> tuple[list[Added], list[Item]]:
        """Return what became of each, and what is new in the window; all or nothing."""
        added: list[Added] = []
        new: list[Item] = []
        try:
            self._know_number()
            known = known_identities(self._connection, self._identities(works))
            for work in works:
                result, item = self._add(work.new, float(work.now), known)
                added.append(result)
                if item is not None:
                    new.append(item)
                    self._window.add(item)
        except BaseException:
            self._window.undo([item.record.seq for item in new])
            raise
        return added, new

    def _add(self, new: NewMessage, now: float, known: Set[Identity]) -> tuple[Added, Item | None]:
        earlier = self._earlier(new, known) if new.wanted is not None else {}
        there = {name: last for name, last in earlier.items() if last.is_there}
        names = [name for name in dict.fromkeys(new.destinations) if name not in there]
        if not names:
            return Added(next(iter(there.values())).spool_id, True, earlier), None
        self._seq += 1
        item = Item(self._record(self._seq, new, now, names), new.message, time.monotonic())
        return Added(f"{new.spool}-{self._seq}", False, earlier), item

    def _record(self, seq: int, new: NewMessage, now: float, names: Iterable[str]) -> CommittedRecord:
        header, listener = header_of(new.message), new.message.facts.get("listener", "")
        received_at, sizes = float(new.received_at), (new.size, new.size)
        kept = new.digest, int(new.encrypted), new.file, received_at, now, new.ordering_key, new.name
        deliveries = [
            Delivery(self._numbers[name], name, self._tag((seq, name, listener, header, *sizes, *kept)))  # as BOUND
            for name in names
        ]
        return CommittedRecord(
            seq,
            listener,
            header,
            new.size,
            new.digest,
            received_at,
            now,
            new.encrypted,
            new.data,
            new.file,
            new.ordering_key,
            new.name,
            tuple(deliveries),
        )

    def _identities(self, works: Sequence[Append]) -> set[Identity]:
        return {
            (self._numbers[name], work.new.wanted.name)
            for work in works
            if work.new.wanted is not None
            for name in work.new.destinations
        }

    def _earlier(self, new: NewMessage, known: Set[Identity]) -> dict[str, Last]:
        """Return by destination the same message sent before, where it was the last of its identity."""
        found = {}
        for name in dict.fromkeys(new.destinations):
            last = latest([self._last(new, self._numbers[name], known), new.elsewhere.get(name)])
            if last is not None and (last.is_there or last.was_given_up):
                found[name] = last
        return found

    def _last(self, new: NewMessage, number: int, known: Set[Identity]) -> Last | None:
        """Return the last message of an identity: of the window, or of the database where that one came later."""
        wanted = new.wanted
        if wanted is None:
            return None
        is_known, item = (number, wanted.name) in known, self._window.last(number, wanted.name)
        kept = last_of(self._connection.execute, new.spool, number, wanted) if is_known else None
        if item is None or (kept is not None and int(kept.spool_id.rpartition("-")[2]) > item.record.seq):
            return kept
        record = item.record
        state = State.WAITING if number in item.open else State.DELIVERED
        recent = record.committed_at >= wanted.now - wanted.window
        same, age = record.digest == wanted.digest, wanted.now - record.committed_at
        return Last(f"{new.spool}-{record.seq}", state, same, recent, age)
