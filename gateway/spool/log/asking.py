"""Lets another process ask the owner of a spool to put what is in its log into the database now. All of it blocks.

Who looks into the database of a spool that another process has would not see what came within the last second. A file
beside the segments asks for it; the owner removes that when it is done.
"""

import time
from contextlib import suppress
from pathlib import Path

from gateway.spool.log.files import LOG, has_records

WANTED = "wanted"
"""The file that asks."""
WAIT_SECONDS = 3.0
"""How long the owner is waited for: as long as it may wait for another program's lock, and a little more."""
LOOK_SECONDS = 0.005


def ask(folder: Path) -> None:
    """Ask the owner of the spool in *folder* to move its log, if there is something in it."""
    if has_records(folder):
        with suppress(OSError):  # it is moved within a second or so anyway
            (folder / LOG / WANTED).touch(mode=0o600)


def is_asked(folder: Path) -> bool:
    """Tell whether somebody asks; nobody does where that cannot be seen."""
    try:
        return (folder / LOG / WANTED).exists()
    except OSError:
        return False


def answer(folder: Path) -> None:
    """Say that all that was in the log has been moved."""
    with suppress(OSError):
        (folder / LOG / WANTED).unlink(missing_ok=True)


def ask_and_wait(folder: Path, wait: float = WAIT_SECONDS) -> None:
    """Return when all that the log held before is in the database, or after *wait* seconds."""
    end = time.monotonic() + wait
    ask(folder)
    while is_asked(folder) and has_records(folder) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
