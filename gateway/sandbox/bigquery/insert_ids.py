"""The ``insertId`` of rows: the same one within a minute is the same row, and is not added again.

BigQuery calls this best effort [cloud.google.com/bigquery/docs/streaming-data-into-bigquery#dataconsistency]: so it is
here, where the IDs are in memory only.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from gateway.sandbox.bigquery.names import TableName

SECONDS = 60.0
MOST = 200_000
"""IDs that are known at once; the oldest is forgotten first."""


class InsertIds:
    """Knows which rows came in the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[tuple[TableName, str], float] = OrderedDict()

    def take(self, table: TableName, given: Sequence[str | None]) -> list[bool]:
        """Return for each row whether it is to be added, and know its ID from now on. A row without an ID always is."""
        now = self._clock()
        while self._known and (next(iter(self._known.values())) <= now - SECONDS or len(self._known) > MOST):
            self._known.popitem(last=False)
        return [each is None or self._is_new(table, each, now) for each in given]

    def _is_new(self, table: TableName, given: str, now: float) -> bool:
        is_new = (table, given) not in self._known
        if is_new:
            self._known[table, given] = now
        return is_new

    def forget(self, table: TableName, given: Iterable[str | None]) -> None:
        """Know nothing of rows that were taken, and not added."""
        for each in given:
            if each is not None:
                self._known.pop((table, each), None)

    def forget_table(self, table: TableName) -> None:
        """Know nothing of a table that is no more."""
        for key in [each for each in self._known if each[0] == table]:
            del self._known[key]
