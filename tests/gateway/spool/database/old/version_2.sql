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
