"""Brings the spool of an older Hilum up to date, with all that it holds."""

import json
import sqlite3
import zlib

from gateway.contract.body import WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.spool.database.authentic import authenticate_all
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.schema import TABLES, VERSION, encrypt_secret, version_of
from gateway.spool.ordering import identity
from gateway.spool.payloads.seal import Seal

# Version 1 recognised duplicates by a column of ``messages``, which stays where it is, unused. Names are given to what
# waits, for its order, and to what came within a day, so that it is recognised when it is sent again.
FROM_1 = """
DROP INDEX twins;
ALTER TABLE deliveries ADD COLUMN name BLOB;
ALTER TABLE deliveries ADD COLUMN tag BLOB;
UPDATE deliveries SET name = (SELECT name_of(header, header_sum, digest) FROM messages WHERE seq = message)
WHERE state = 0
OR message IN (SELECT seq FROM messages WHERE committed_at >= (SELECT time FROM spool) - 86400);
"""
# Then the tables and indexes that version 1 lacks are made; a head has to be the first of its identity now, too.
FRONTS_OF_1 = """
UPDATE deliveries AS d SET front = 0
WHERE front = 1 AND (
    EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    OR EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message));
"""


# Version 2 had no tags. If the key has sealed the secret, that proves that Hilum wrote the spool with this key.
FROM_2 = "ALTER TABLE deliveries ADD COLUMN tag BLOB;"


def upgrade(connection: sqlite3.Connection, pseudonyms: Pseudonyms, owner: bool, seal: Seal) -> None:
    """Bring the tables up to date, all or nothing; raises ConfigError if that is for the *owner* to do."""
    version = version_of(connection)
    if version == VERSION:
        return
    if not owner:
        raise ConfigError(
            "the spool was written by an older Hilum; start the gateway of this version, which brings it up to date"
        )

    def name_of(header: object, header_sum: int, digest: bytes) -> bytes | None:
        if not isinstance(header, bytes) or zlib.crc32(header) != header_sum:
            return None  # damaged: it will be parked
        message_id, facts, identifiers, _ = json.loads(header)
        known = identity(Message(message_id, WholeBody(b""), facts, identifiers))
        return pseudonyms.content(known.text, digest) if known.by_content else pseudonyms.name(known.text)

    connection.create_function("name_of", 3, name_of)
    script = FROM_2 if version > 1 else FROM_1 + TABLES + FRONTS_OF_1
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {VERSION};")
    if seal.encrypted:
        authenticate_all(connection, seal)
        encrypt_secret(connection, pseudonyms.secret, seal)
    connection.execute("COMMIT")
