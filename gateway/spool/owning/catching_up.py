"""Sees to it that the database of a spool holds all that was acknowledged, before somebody looks into it. Blocks."""

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from gateway.contract.errors import GatewayError
from gateway.spool.damage import ERRORS, check
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.schema import VERSION, connect, version_of
from gateway.spool.folders import take_folder
from gateway.spool.log.asking import ask_and_wait
from gateway.spool.log.files import has_records
from gateway.spool.log.recovery import recover


def catch_up(folders: Iterable[Path]) -> None:
    """Have the logs of spools moved: by their owners, or here where nobody has them.

    What cannot be moved now is left where it is: whoever opens the spool tells why.
    """
    for folder in folders:
        if has_records(folder):
            with suppress(*ERRORS, GatewayError, OSError):
                _catch_up(folder)


def _catch_up(folder: Path) -> None:
    owned = take_folder(folder)
    if owned is None:
        ask_and_wait(folder)
        return
    try:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as connection:
            if version_of(connection) == VERSION:
                check(connection, folder / DATABASE)
                recover(connection, folder)
    finally:
        owned.release()
