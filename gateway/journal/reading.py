"""Reads one segment, which another process may be writing."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.contract.journal import Row
from gateway.journal.query import NOT_STORED, Found, Query
from gateway.journal.schema import APPLICATION_ID, FINISHED, OUTCOMES, SLOT_BITS, USUAL

BUSY_SECONDS = 0.2
STEPS = 2000
"""Instructions of SQLite between two looks at the clock: some tens of microseconds."""
FEW = 1000
"""So many rows with a prefix are sorted; with more of them, all rows are read in the order of time."""
LATER_PREFIX = "\U0010ffff"
"""Behind a prefix, this is after every text that begins with it."""

SELECTED = (
    "SELECT seq, ahead, message,"
    " (SELECT word FROM words WHERE id = listener), (SELECT word FROM words WHERE id = peer),"
    " (SELECT word FROM words WHERE id = host), port, key, (SELECT word FROM words WHERE id = type), octets, outcome,"
    " (SELECT word FROM words WHERE id = answer), (SELECT word FROM words WHERE id = reason),"
    " (SELECT word FROM words WHERE id = destination), attempts, micros FROM rows"
)
COUNTED = "SELECT count(*) FROM (SELECT 1 FROM rows INDEXED BY by_key WHERE key >= ? AND key < ? AND key <> '' LIMIT ?)"


class TimeIsOver(Exception):  # noqa: N818  it names what happened
    """The time for a page has passed before the segment was read."""


class SegmentReader:
    """Finds rows in the segment at *path*. Raises sqlite3.Error where it cannot be read or is none."""

    def __init__(self, path: Path) -> None:
        address = f"{path.absolute().as_uri()}?mode=ro"
        self._database = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._deadline: float | None = None
        try:
            if self._number("PRAGMA application_id") != APPLICATION_ID:
                raise sqlite3.DatabaseError("it is no segment of a journal")
            self._has_indices = self._number("PRAGMA user_version") == FINISHED
        except BaseException:
            self.close()
            raise
        self._database.set_progress_handler(self._is_late, STEPS)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def last(self) -> int:
        """Return the place of the newest row; 0 if there is none."""
        return self._number("SELECT coalesce(max(seq), 0) FROM rows")

    def find(
        self, query: Query, identifiers: Sequence[str], since: int, before: int, deadline: float | None
    ) -> list[Found]:
        """Return the newest rows with places from *since* to before *before*, at most ``limit`` + 1.

        *identifiers* are the forms in which the one that is asked for may be kept. Raises TimeIsOver at the *deadline*
        (by the monotonic clock).
        """
        self._deadline = deadline
        try:
            return self._find(query, identifiers, since, before)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TimeIsOver from None
            raise
        finally:
            self._deadline = None

    def _find(self, query: Query, identifiers: Sequence[str], since: int, before: int) -> list[Found]:
        conditions = ["seq >= ?", "seq < ?"]
        values: list[int | str] = [since, before]
        for column, word in (("listener", query.listener), ("peer", query.peer), ("destination", query.destination)):
            if word:
                found = self._database.execute("SELECT id FROM words WHERE word = ?", (word,)).fetchone()
                if found is None:
                    return []
                conditions.append(f"{column} = ?")
                values.append(found[0])
        if query.outcome == NOT_STORED:
            conditions.append(f"outcome > {USUAL}")
        elif query.outcome:
            code = OUTCOMES.index(query.outcome)
            conditions += ["outcome = ?", *([f"outcome > {USUAL}"] if code > USUAL else [])]
            values.append(code)
        if identifiers:
            return self._by_identifier(conditions, values, identifiers, query.limit)
        if query.uid_prefix:
            conditions += ["key >= ?", "key < ?", "key <> ''"]
            values += [query.uid_prefix, query.uid_prefix + LATER_PREFIX]
            source = self._source_of(query.uid_prefix)
        else:
            source = ""
        return self._rows(source, conditions, values, query.limit)

    def _by_identifier(
        self, conditions: Sequence[str], values: Sequence[int | str], identifiers: Sequence[str], limit: int
    ) -> list[Found]:
        """Look in both columns one after the other: SQLite would not use an index for each half of an OR."""
        marks = ",".join("?" * len(identifiers))
        by_key = f"key IN ({marks}) AND key <> ''"
        indexed = self._has_indices
        found = self._rows(
            " INDEXED BY by_key" if indexed else "", [*conditions, by_key], [*values, *identifiers], limit
        )
        by_message = f"message IN ({marks})"
        found += self._rows(
            " INDEXED BY by_message" if indexed else "", [*conditions, by_message], [*values, *identifiers], limit
        )
        return sorted({each.seq: each for each in found}.values(), reverse=True)[: limit + 1]

    def _source_of(self, prefix: str) -> str:
        if not self._has_indices:
            return ""
        count = self._database.execute(COUNTED, (prefix, prefix + LATER_PREFIX, FEW + 1)).fetchone()[0]
        return " INDEXED BY by_key" if count <= FEW else " NOT INDEXED"

    def _rows(self, source: str, conditions: Sequence[str], values: Sequence[int | str], limit: int) -> list[Found]:
        statement = f"{SELECTED}{source} WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT {limit + 1}"
        return [_found(each) for each in self._database.execute(statement, values)]

    def _number(self, statement: str) -> int:
        return int(self._database.execute(statement).fetchone()[0])

    def _is_late(self) -> int:
        return int(self._deadline is not None and time.monotonic() >= self._deadline)


def _found(values: tuple[int | str, ...]) -> Found:
    seq, ahead, message, listener, peer, host, port, key, kind, octets, outcome, answer, reason, to, tries, micros = (
        values
    )
    at = ((int(seq) >> SLOT_BITS) - int(ahead)) / 1e6
    row = Row(
        at,
        str(message),
        str(listener),
        str(peer),
        f"{host}:{port}" if port else str(host),
        str(key),
        str(kind),
        int(octets),
        OUTCOMES[int(outcome)],
        str(answer),
        str(reason),
        str(to),
        int(tries),
        int(micros) / 1e6,
    )
    return Found(int(seq), row)
