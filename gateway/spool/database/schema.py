"""The tables of one spool, and how they are opened.

A delivery is in two queues of its destination: in that of its ordering key (column ``lane``) while it is ``queued``,
which means waiting, or parked and holding the key; and in that of its identity (column ``name``) while it is waiting. A
waiting delivery is a *head* (column ``front``) if it is the first in each queue that it is in. Only heads are claimed,
and each index holds only the rows it is for: no step costs more than O(log n), be it a million messages of one key or a
million keys.

When a delivery enters or leaves its queues, only the next one behind it in each can become a head, or cease to be one.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.contract.errors import ConfigError, GatewayError
from gateway.spool.interface import SpoolDamaged, State
from gateway.spool.payloads.seal import Seal
from gateway.spool.payloads.secret import NOT_SEALED, open_secret, seal_secret, secret_sum_of

VERSION = 3
"""A new version must also have a new name of a table or column: a changed number alone may be a flipped bit."""
BUSY_SECONDS = 2.0
"""How long to wait for another process, such as the operator's command line, to end its transaction."""
CODES = {State.WAITING: 0, State.PARKED: 1, State.DELIVERED: 2, State.DISCARDED: 3}
STATES = {code: state for state, code in CODES.items()}

# Each payload sits in a row of its own, so that its removal frees the pages and the record stays. ``deliveries.reason``
# says why one was parked or last put off; of a discarded one it is what DISCARD in ``statements`` makes of it.
TABLES = """
CREATE TABLE IF NOT EXISTS spool (
    secret BLOB NOT NULL,           -- makes the pseudonyms
    encrypted INTEGER NOT NULL,     -- 1: the secret is sealed with the key
    time REAL NOT NULL,             -- last reading of the steady clock
    wall REAL,                      -- and of the wall clock at that moment
    held INTEGER NOT NULL,          -- octets of payload in the spool
    secret_sum INTEGER              -- CRC-32 of secret and encrypted
);
CREATE TABLE IF NOT EXISTS destinations (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, also after a purge
    listener TEXT NOT NULL,
    header BLOB NOT NULL,           -- JSON: all of the message but its body
    header_sum INTEGER NOT NULL,    -- CRC-32 of it
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,
    received_at REAL NOT NULL,      -- wall clock, for people
    committed_at REAL NOT NULL,     -- steady clock
    ended_at REAL                   -- steady clock; set once nothing of it waits or is parked
);
CREATE INDEX IF NOT EXISTS ended ON messages (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS received ON messages (received_at);
CREATE TABLE IF NOT EXISTS payloads (
    message INTEGER PRIMARY KEY,
    encrypted INTEGER NOT NULL,
    data BLOB,                      -- the payload, or
    file TEXT                       -- the name of the file that holds it
);
CREATE UNIQUE INDEX IF NOT EXISTS payload_files ON payloads (file) WHERE file IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    message INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    lane BLOB,                      -- pseudonym of the ordering key
    state INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    front INTEGER NOT NULL,
    due REAL,                       -- steady clock; not before this
    attempts INTEGER NOT NULL,
    reason TEXT,
    settled_at REAL,                -- wall clock, for people
    size INTEGER NOT NULL,
    name BLOB,                      -- pseudonym of the identity
    tag BLOB,                       -- with a key: binds it to its message and destination
    PRIMARY KEY (message, destination)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_state ON deliveries (destination, state, message);
CREATE INDEX IF NOT EXISTS lanes ON deliveries (destination, lane, message) WHERE queued = 1 AND lane IS NOT NULL;
CREATE INDEX IF NOT EXISTS names ON deliveries (destination, name, message) WHERE name IS NOT NULL;
CREATE INDEX IF NOT EXISTS waiting_names ON deliveries (destination, name, message)
    WHERE state = 0 AND name IS NOT NULL;
CREATE INDEX IF NOT EXISTS ready ON deliveries (destination, message) WHERE front = 1 AND due IS NULL;
CREATE INDEX IF NOT EXISTS paused ON deliveries (destination, due) WHERE front = 1 AND due IS NOT NULL;
CREATE TABLE IF NOT EXISTS totals (
    destination INTEGER NOT NULL,
    state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (destination, state)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS four_totals AFTER INSERT ON destinations BEGIN
    INSERT INTO totals VALUES (new.id, 0, 0, 0), (new.id, 1, 0, 0), (new.id, 2, 0, 0), (new.id, 3, 0, 0);
END;
CREATE TRIGGER IF NOT EXISTS delivery_added AFTER INSERT ON deliveries BEGIN
    UPDATE totals SET count = count + 1, size = size + new.size
    WHERE destination = new.destination AND state = new.state;
END;
CREATE TRIGGER IF NOT EXISTS delivery_moved AFTER UPDATE OF state ON deliveries WHEN old.state <> new.state BEGIN
    UPDATE totals SET count = count - 1, size = size - old.size
    WHERE destination = old.destination AND state = old.state;
    UPDATE totals SET count = count + 1, size = size + new.size
    WHERE destination = new.destination AND state = new.state;
END;
CREATE TRIGGER IF NOT EXISTS delivery_purged AFTER DELETE ON deliveries BEGIN
    UPDATE totals SET count = count - 1, size = size - old.size
    WHERE destination = old.destination AND state = old.state;
END;
"""

LATER = """
CREATE INDEX IF NOT EXISTS received ON messages (received_at);
"""
"""What a spool of this version may lack if it was made earlier. An older Hilum can still open it once this is added."""
LATER_COLUMNS = {
    "wall": "ALTER TABLE spool ADD COLUMN wall REAL;",
    "secret_sum": "ALTER TABLE spool ADD COLUMN secret_sum INTEGER;",
}
"""The same of the table ``spool``."""

LEFT_OVER = {("table", "messages", "twin"), ("table", "intake_log", "note")}
"""What an upgraded spool still has of an older version, unused; and what says that there is an intake log."""
LOGGED = 103
"""The version of a spool that is of VERSION but for an intake log: an older Hilum, which knows none, refuses it."""
HAS_LOG = f"""
CREATE TABLE IF NOT EXISTS intake_log (note TEXT);
PRAGMA user_version = {LOGGED};
"""
HAS_NO_LOG = f"""
DROP TABLE IF EXISTS intake_log;
PRAGMA user_version = {VERSION};
"""
OBJECTS = """
SELECT m.type, m.name, c.name FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c WHERE m.type <> 'view'
AND m.name NOT LIKE 'sqlite_%'
"""
REMEMBER = """
INSERT INTO spool (secret, encrypted, secret_sum, time, held)
SELECT ?, ?, ?, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM spool)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """What a spool remembers of itself."""

    secret: bytes
    """Makes the pseudonyms."""
    time: float
    """Last reading of the steady clock."""
    wall: float | None
    """The wall clock's at that moment."""
    held: int
    """Octets of payload in it."""
    encrypted: bool
    """Whether it has a key."""


def connect(path: Path, cache_kib: int) -> sqlite3.Connection:
    """Open the database at *path*; transactions are begun and ended by hand, in any one thread at a time."""
    if not path.exists():  # an existing file must not be opened here: closing it drops the locks of this process
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.text_factory = _readable_text
    try:
        _configure(connection, cache_kib)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, cache_kib: int) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise ConfigError("data_dir: SQLite cannot keep a write-ahead log there; use a local file system")
    # FULL: a transaction is on stable storage when COMMIT returns. The log is written back every 16 MiB, not every 4.
    # secure_delete: a payload that is gone shall not be found in the file's free pages.
    connection.executescript(
        f"""
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA secure_delete = ON;
        PRAGMA cache_size = -{cache_kib};
        """
    )


def _readable_text(stored: bytes) -> str:
    """Decode text whatever a damaged page holds, so that one row does not hide the others."""
    return stored.decode(errors="replace")


def prepare(connection: sqlite3.Connection, seal: Seal, siblings: Iterable[Path] = (), *, owner: bool = True) -> Start:
    """Make the tables of a new spool; raises ConfigError if this Hilum or this key does not fit those that are there.

    A new spool takes the secret of one of its *siblings*, so that one process can compare the pseudonyms of both.
    Tables of an older Hilum stay as they are (``upgrade``). Only its *owner* gives a spool a key.
    """
    version = version_of(connection)
    if version != VERSION and has_our_tables(connection):
        version = VERSION  # the number itself is damaged
        connection.execute(f"PRAGMA user_version = {VERSION}")
    if version > VERSION:
        raise ConfigError(_newer(connection, version))
    if version == 0:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").fetchone():
            raise SpoolDamaged("the version of the spool is damaged")
        secret = seal_secret(_secret_of(siblings, seal) or os.urandom(32), seal)
        check = secret_sum_of(secret, seal.encrypted)
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION};")
        connection.execute(REMEMBER, (secret, int(seal.encrypted), check))
        connection.execute("COMMIT")
    else:
        _complete(connection)
    return _start(connection, seal, owner)


def _newer(connection: sqlite3.Connection, version: int) -> str:
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    return (
        f"data_dir: {path}: the spool was written by a newer Hilum: its tables have version {version}, and this Hilum "
        f"knows version {VERSION} and older ones; start the newer Hilum, or restore the backup from before the upgrade"
    )


def read_beside(path: Path) -> sqlite3.Connection:
    """Open the database of a spool that another process may have, only to read it, in any one thread at a time."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, timeout=BUSY_SECONDS, uri=True, check_same_thread=False)


def _secret_of(siblings: Iterable[Path], seal: Seal) -> bytes | None:
    """Return the secret of the first spool that can be read with this key; if there is a key, only a sealed secret."""
    for path in siblings:
        with suppress(sqlite3.Error, GatewayError, ValueError), closing(read_beside(path)) as connection:
            start = start_of(connection, seal)
            if start.encrypted == seal.encrypted:
                return start.secret
    return None


def has_our_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables and their columns are those of this version."""
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(TABLES)
        ours = set(model.execute(OBJECTS))
    return ours == set(connection.execute(OBJECTS)) - LEFT_OVER


def has_our_triggers(connection: sqlite3.Connection) -> bool:
    """Tell whether the triggers are, word for word, those of this version: a damaged one shows only when it runs."""
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(TABLES)
        ours = set(model.execute(sql))
    return ours == set(connection.execute(sql))


def _complete(connection: sqlite3.Connection) -> None:
    """Add the columns and the index that did not exist yet when this spool was made."""
    there = {name for _, name, *_ in connection.execute("PRAGMA table_info (spool)")}
    missing = [statement for name, statement in LATER_COLUMNS.items() if name not in there]
    if missing or not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'received'").fetchone():
        connection.executescript(f"BEGIN IMMEDIATE; {''.join(missing)} {LATER} COMMIT;")


def _start(connection: sqlite3.Connection, seal: Seal, owner: bool) -> Start:
    start = start_of(connection, seal)
    secret, encrypted, secret_sum = connection.execute("SELECT secret, encrypted, secret_sum FROM spool").fetchone()
    if secret_sum is None:
        connection.execute("UPDATE spool SET secret_sum = ?", (secret_sum_of(secret, encrypted),))
    if seal.encrypted and not start.encrypted:
        if connection.execute("SELECT 1 FROM payloads LIMIT 1").fetchone():
            raise ConfigError(NOT_SEALED)
        if owner and version_of(connection) == VERSION:
            encrypt_secret(connection, start.secret, seal)
    return start


def start_of(connection: sqlite3.Connection, seal: Seal) -> Start:
    """Return what a spool remembers of itself, and change nothing."""
    row = connection.execute("SELECT secret, encrypted, time, wall, held, secret_sum FROM spool").fetchone()
    secret, encrypted, time, wall, held, secret_sum = row or (None,) * 6
    if not (isinstance(secret, bytes) and isinstance(time, float) and isinstance(held, int)):
        raise SpoolDamaged("what the spool remembers of itself is damaged")
    if secret_sum not in (None, secret_sum_of(secret, encrypted)):
        raise SpoolDamaged("the secret of the spool is damaged")
    wall = wall if isinstance(wall, float) else None
    secret = open_secret(secret, seal, version_of(connection)) if encrypted else secret
    return Start(secret, time, wall, held, bool(encrypted))


def has_key(connection: sqlite3.Connection) -> bool:
    """Tell whether the secret is sealed; False where there are no tables."""
    if version_of(connection) == 0:
        return False
    return connection.execute("SELECT 1 FROM spool WHERE encrypted = 1").fetchone() is not None


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 if there are none."""
    version = _number_of(connection)
    return VERSION if version == LOGGED else version


def _number_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def note_log(connection: sqlite3.Connection, *, exists: bool) -> None:
    """Say in the database whether it has an intake log, so that no older Hilum takes it for all there is."""
    is_noted = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'intake_log'").fetchone() is not None
    if exists or is_noted:
        connection.executescript(f"BEGIN IMMEDIATE; {HAS_LOG if exists else HAS_NO_LOG} COMMIT;")


def write_over_the_unseen(connection: sqlite3.Connection) -> None:
    """Commit an empty transaction over one that a killed owner may have left, unseen, at the end of the log.

    SQLite writes and syncs the log, then records the log's new end in shared memory. If the owner was killed in between
    while another process had the database open, nobody sees its last transaction. That would come back when the log is
    read anew, and name a payload file that was removed meanwhile. It was never reported as committed.
    """
    connection.executescript(f"BEGIN IMMEDIATE; PRAGMA user_version = {_number_of(connection)}; COMMIT;")


def encrypt_secret(connection: sqlite3.Connection, secret: bytes, seal: Seal) -> None:
    """Give the spool a key; what was written before stays as it is until it is delivered."""
    sealed = seal_secret(secret, seal)
    connection.execute(
        "UPDATE spool SET secret = ?, encrypted = 1, secret_sum = ?", (sealed, secret_sum_of(sealed, True))
    )
