"""Lets an operator vouch for what was committed without a key: nothing in such a spool proves who put it there."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.spool.damage import DAMAGED, ERRORS, name_of
from gateway.spool.database.authentic import authenticate_all
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.schema import connect, encrypt_secret, prepare
from gateway.spool.database.upgrade import upgrade
from gateway.spool.folders import existing_folders, take_folder
from gateway.spool.interface import SpoolDamaged
from gateway.spool.log.recovery import recover
from gateway.spool.payloads.seal import Plain, Seal


@dataclass(frozen=True, slots=True)
class Accepted:
    """One spool that was given the key."""

    name: str
    deliveries: int
    """Those that wait or are parked."""


def accept_all(data_dir: Path, seal: Seal) -> Iterator[Accepted]:
    """Give the key to every spool without one; raises ConfigError where a spool is in use or damaged."""
    if not seal.encrypted:
        raise ConfigError("spool.key_file: is not set; name the file of the key first")
    for path in existing_folders(data_dir):
        folder = take_folder(path)
        if folder is None:
            raise ConfigError(f"{path.name}: a process has this spool open; stop the gateway first")
        try:
            deliveries = _accept(path / DATABASE, seal)
            if deliveries is not None:
                yield Accepted(path.name, deliveries)
        except (SpoolDamaged, *ERRORS) as error:
            raise ConfigError(f"{path.name}: {DAMAGED} ({name_of(error)}); run `hilum spool repair`") from None
        finally:
            folder.release()


def _accept(database: Path, seal: Seal) -> int | None:
    """Give the spool the key and return how many deliveries got a tag; None if the spool has a key already."""
    with closing(connect(database, READER_CACHE_KIB)) as connection:
        if connection.execute("SELECT 1 FROM spool WHERE encrypted = 1").fetchone():
            return None
        recover(connection, database.parent)
        start = prepare(connection, Plain())
        upgrade(connection, Pseudonyms(start.secret), True, Plain())
        connection.execute("BEGIN IMMEDIATE")
        deliveries = authenticate_all(connection, seal)
        encrypt_secret(connection, start.secret, seal)
        connection.execute("COMMIT")
        return deliveries
