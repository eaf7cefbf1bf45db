BEGIN TRANSACTION;
CREATE TABLE deliveries (
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
INSERT INTO "deliveries" VALUES(1,1,NULL,2,0,0,NULL,1,NULL,1700000000.0,13,X'EB96D672740E252BEBD0A8F52BDAA57E',NULL);
INSERT INTO "deliveries" VALUES(2,1,NULL,1,0,0,NULL,1,'no',1700000000.0,10,X'EC9C39C451A85C8A7A8E5CAB783BA8EA',NULL);
INSERT INTO "deliveries" VALUES(3,1,X'B80BF8BD36E952FE1F33FF7094C9E8F7',0,1,1,NULL,0,NULL,NULL,9,X'9DC17664700A82EB858C20B6B9AAA17B',NULL);
INSERT INTO "deliveries" VALUES(4,1,X'B80BF8BD36E952FE1F33FF7094C9E8F7',0,1,0,NULL,0,NULL,NULL,10,X'DFCF239861170FD26D28DEDB376FB0A8',NULL);
INSERT INTO "deliveries" VALUES(5,1,NULL,0,1,1,NULL,0,NULL,NULL,9,X'B389B817CC50F68E2134BC83354DF3DD',NULL);
CREATE TABLE destinations (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO "destinations" VALUES(1,'store');
CREATE TABLE messages (
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
INSERT INTO "messages" VALUES(1,'adt',X'5B2264656C697665726564222C207B2270726F746F636F6C223A20226D6C6C70222C20226C697374656E6572223A2022616474227D2C207B22636F6E74726F6C5F6964223A202264656C697665726564227D2C206E756C6C5D',201617152,13,X'A56D65ECC85E8BF24945672B2FEAF4B4A9B79CE12A6559A4BF06BA3CAFDC1AAE',1700000000.0,1700000000.0,1700000000.0);
INSERT INTO "messages" VALUES(2,'adt',X'5B227061726B6564222C207B2270726F746F636F6C223A20226D6C6C70222C20226C697374656E6572223A2022616474227D2C207B22636F6E74726F6C5F6964223A20227061726B6564227D2C206E756C6C5D',4150712329,10,X'96A2FDBFF8F8F3BE494BADAA5577A289330AE35761D307B54128782FD5DCE39D',1700000000.0,1700000000.0,NULL);
INSERT INTO "messages" VALUES(3,'adt',X'5B226669727374222C207B2270726F746F636F6C223A20226D6C6C70222C20226C697374656E6572223A2022616474227D2C207B22636F6E74726F6C5F6964223A20226669727374227D2C206E756C6C5D',1611048423,9,X'E18D1FC8EA74325135FCE916733B4A4FAC99F17FAB7BB281C98B64017B65178B',1700000000.0,1700000000.0,NULL);
INSERT INTO "messages" VALUES(4,'adt',X'5B227365636F6E64222C207B2270726F746F636F6C223A20226D6C6C70222C20226C697374656E6572223A2022616474227D2C207B22636F6E74726F6C5F6964223A20227365636F6E64227D2C206E756C6C5D',1064605925,10,X'4BB6F21DC312EC98A26401201EF296DFF46059474CA3194F47F4258848732C16',1700000000.0,1700000000.0,NULL);
INSERT INTO "messages" VALUES(5,'adt',X'5B22616C6F6E65222C207B2270726F746F636F6C223A20226D6C6C70222C20226C697374656E6572223A2022616474227D2C207B22636F6E74726F6C5F6964223A2022616C6F6E65227D2C206E756C6C5D',271279405,9,X'129BA336EAAEDD499633D56F0E7837793B79D8FA2D5C825ECF8A02B37070602C',1700000000.0,1700000000.0,NULL);
CREATE TABLE payloads (
    message INTEGER PRIMARY KEY,
    encrypted INTEGER NOT NULL,
    data BLOB,                      -- the payload, or
    file TEXT                       -- the name of the file that holds it
);
INSERT INTO "payloads" VALUES(2,0,X'4D53487C7061726B6564',NULL);
INSERT INTO "payloads" VALUES(3,0,X'4D53487C6669727374',NULL);
INSERT INTO "payloads" VALUES(4,0,X'4D53487C7365636F6E64',NULL);
INSERT INTO "payloads" VALUES(5,0,X'4D53487C616C6F6E65',NULL);
CREATE TABLE spool (
    secret BLOB NOT NULL,           -- makes the pseudonyms
    encrypted INTEGER NOT NULL,     -- 1: the secret is sealed with the key
    time REAL NOT NULL,             -- last reading of the steady clock
    wall REAL,                      -- and of the wall clock at that moment
    held INTEGER NOT NULL,          -- octets of payload in the spool
    secret_sum INTEGER              -- CRC-32 of secret and encrypted
);
INSERT INTO "spool" VALUES(X'1E270D4B61104CA92DD76DAB9964768C14F592D5016C834581EDAE62DF462323',0,1700000000.0,1700000000.0,38,4146759841);
CREATE TABLE totals (
    destination INTEGER NOT NULL,
    state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (destination, state)
) WITHOUT ROWID;
INSERT INTO "totals" VALUES(1,0,3,28);
INSERT INTO "totals" VALUES(1,1,1,10);
INSERT INTO "totals" VALUES(1,2,1,13);
INSERT INTO "totals" VALUES(1,3,0,0);
CREATE INDEX ended ON messages (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX received ON messages (received_at);
CREATE UNIQUE INDEX payload_files ON payloads (file) WHERE file IS NOT NULL;
CREATE INDEX by_state ON deliveries (destination, state, message);
CREATE INDEX lanes ON deliveries (destination, lane, message) WHERE queued = 1 AND lane IS NOT NULL;
CREATE INDEX names ON deliveries (destination, name, message) WHERE name IS NOT NULL;
CREATE INDEX waiting_names ON deliveries (destination, name, message)
    WHERE state = 0 AND name IS NOT NULL;
CREATE INDEX ready ON deliveries (destination, message) WHERE front = 1 AND due IS NULL;
CREATE INDEX paused ON deliveries (destination, due) WHERE front = 1 AND due IS NOT NULL;
CREATE TRIGGER four_totals AFTER INSERT ON destinations BEGIN
    INSERT INTO totals VALUES (new.id, 0, 0, 0), (new.id, 1, 0, 0), (new.id, 2, 0, 0), (new.id, 3, 0, 0);
END;
CREATE TRIGGER delivery_added AFTER INSERT ON deliveries BEGIN
    UPDATE totals SET count = count + 1, size = size + new.size
    WHERE destination = new.destination AND state = new.state;
END;
CREATE TRIGGER delivery_moved AFTER UPDATE OF state ON deliveries WHEN old.state <> new.state BEGIN
    UPDATE totals SET count = count - 1, size = size - old.size
    WHERE destination = old.destination AND state = old.state;
    UPDATE totals SET count = count + 1, size = size + new.size
    WHERE destination = new.destination AND state = new.state;
END;
CREATE TRIGGER delivery_purged AFTER DELETE ON deliveries BEGIN
    UPDATE totals SET count = count - 1, size = size - old.size
    WHERE destination = old.destination AND state = old.state;
END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('messages',5);
COMMIT;
PRAGMA user_version = 3;
