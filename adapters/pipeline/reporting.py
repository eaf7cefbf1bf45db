"""Reports of a run on the identified side: written durably, and only where they have changed."""

import os
from pathlib import Path

from adapters.tables.manifest import sync_folder

REPORTS = "report"
"""The folder of the reports."""


class Reports:
    """The reports below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / REPORTS

    def write(self, name: str, octets: bytes) -> None:
        """Write a report; it is on the disk when this returns."""
        path = self._folder / name
        if self.read(name) == octets:
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        unfinished = self._folder / f".{name}.new"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(self._folder)

    def read(self, name: str) -> bytes:
        """Return a report; empty if there is none."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""

    def tidy(self) -> None:
        """Remove what a killed run has left unfinished."""
        for each in self._folder.glob(".*.new"):
            each.unlink(missing_ok=True)
