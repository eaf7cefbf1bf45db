"""The tables of a segment, and the numbers in them.

``seq`` is the time in microseconds, shifted by SLOT_BITS, and the slot of the process that wrote the row: unique over
all segments, in the order of time, and the place at which a page begins.
"""

from collections.abc import Iterator
from functools import cache

APPLICATION_ID = 0x48494C4A
"""Of each segment (``PRAGMA application_id``): a file without it is not ours."""
OPEN, FINISHED = 1, 2
"""``PRAGMA user_version``: rows are still added; it is full, and has its indices."""
SLOT_BITS = 8
SLOTS = 1 << SLOT_BITS
"""As many processes as may write at once: each has a slot and segments of its own. It is the most of ``workers``."""
MOST_WORDS = 10_000
"""Most different words in a segment: a sender may invent a name with each message."""
NO_WORD, OTHER = 0, 1
"""The numbers of the empty word, and of what stands for all words beyond MOST_WORDS."""
OTHER_WORD = "other"

OUTCOMES = (
    "stored",
    "committed",
    "none",
    "duplicate",
    "refused",
    "unavailable",
    "parked",
    "retried",
    "discarded",
)
"""An outcome is kept as its place here."""
USUAL = 1
"""The last place of the outcomes that nearly all messages have: these are in no index."""

_MAKE_ROWS = """
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY, ahead INTEGER, message TEXT, key TEXT, listener INTEGER, peer INTEGER, host INTEGER,
    port INTEGER, type INTEGER, octets INTEGER, outcome INTEGER, answer INTEGER, reason INTEGER, destination INTEGER,
    attempts INTEGER, micros INTEGER
);
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE);
"""
_FIRST_WORDS = f"INSERT INTO words VALUES ({NO_WORD}, ''), ({OTHER}, '{OTHER_WORD}');"  # noqa: S608  constants
TABLES = _MAKE_ROWS + _FIRST_WORDS
COLUMNS = 16
BOUND = (
    "seq, ahead, message, key, octets, attempts, micros, listener, peer, host, port, type, outcome, answer, reason,"
    " destination"
)
"""The columns in the order of the values of a statement."""
AT_ONCE = 500
"""Rows in one statement. `executemany` would ask for the interpreter at each row, and get it after 5 ms."""
STEP = 50
"""A statement has a multiple of so many rows, or fewer than so many: SQLite takes four times as long to read one
as to do it, so there are few: the 128 that Python keeps of a connection (``cached_statements``) have room for them."""
INDICES = (
    "CREATE INDEX IF NOT EXISTS by_key ON rows (key) WHERE key <> ''",
    "CREATE INDEX IF NOT EXISTS by_message ON rows (message)",
    "CREATE INDEX IF NOT EXISTS by_peer ON rows (peer)",
    f"CREATE INDEX IF NOT EXISTS by_outcome ON rows (outcome) WHERE outcome > {USUAL}",
)
"""Rows with the same value are in the order of `seq` in each, which SQLite adds to every entry."""


def pieces(rows: int) -> Iterator[int]:
    """Return how many of so many rows each statement inserts."""
    while rows:
        piece = min(rows, AT_ONCE)
        if piece > STEP:
            piece -= piece % STEP
        yield piece
        rows -= piece


@cache
def insertion(rows: int) -> str:
    """Return the statement that inserts so many rows."""
    one = f"({','.join('?' * COLUMNS)})"
    return f"INSERT INTO rows ({BOUND}) VALUES {','.join([one] * rows)}"  # noqa: S608  only question marks


def seq_at(seconds: float) -> int:
    """Return the first place of rows at this time."""
    return int(seconds * 1e6) << SLOT_BITS


def time_of(seq: int) -> float:
    """Return the time of a place, in seconds since the epoch."""
    return (seq >> SLOT_BITS) / 1e6
