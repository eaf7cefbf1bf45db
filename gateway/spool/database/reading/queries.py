"""Every read of a spool's database: for the dispatcher, operators and commits, and about the spool as a whole."""

from collections.abc import Iterable

from gateway.spool.clock import resume
from gateway.spool.database.reading.dispatcher_queries import DispatcherQueries
from gateway.spool.database.reading.operator_queries import OperatorQueries
from gateway.spool.database.recognition import Last, Wanted, last_of


class Queries(DispatcherQueries, OperatorQueries):
    """The read side of one database, for whoever asks."""

    def has_ordering_key(self, ordering_key: bytes, destinations: Iterable[str]) -> bool:
        """Tell whether something is queued under that ordering key at any of the destinations."""
        return any(self._execute(OF_KEY, (self._number(name), ordering_key)).fetchone() for name in destinations)

    def has_name(self, name: bytes, destinations: Iterable[str]) -> bool:
        """Tell whether a message of that identity waits for any of the destinations."""
        return any(self._execute(NAME, (self._number(each), name)).fetchone() for each in destinations)

    def last(self, spool: str, wanted: Wanted, destinations: Iterable[str]) -> dict[str, Last]:
        """Return by destination the last message of that identity."""
        found = {name: last_of(self._execute, spool, self._number(name), wanted) for name in destinations}
        return {name: last for name, last in found.items() if last is not None}

    def offset(self) -> float:
        """Return by how much the wall clock was ahead of the steady clock when the spool was last written."""
        return float(self._execute("SELECT coalesce(wall - time, 0) FROM spool").fetchone()[0])

    def now(self, wall: float) -> float:
        """Return what the spool's steady clock reads when the wall clock reads *wall*, as far as can be told."""
        time, wall_then = self._execute("SELECT time, wall FROM spool").fetchone()
        return resume(time, wall_then, wall)

    def version(self) -> int:
        """Return a number that changes when another connection has written."""
        return int(self._execute("PRAGMA data_version").fetchone()[0])


OF_KEY = "SELECT 1 FROM deliveries WHERE destination = ? AND lane = ? AND queued = 1 LIMIT 1"
NAME = "SELECT 1 FROM deliveries INDEXED BY waiting_names WHERE destination = ? AND name = ? AND state = 0 LIMIT 1"
