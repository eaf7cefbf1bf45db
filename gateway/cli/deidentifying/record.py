"""What is done, in a file that outlasts the process: a line for each unit, appended when its output is in place.

The first line says with which policy and key. The units are named by keyed digests, so that nothing in the file names
a patient. After kill -9 only those units are done again that were in progress; the same comes out of them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway import __version__
from gateway.cli.deidentifying.results import Result
from gateway.contract.errors import ConfigError
from gateway.contract.release import Release

NAME = "record.jsonl"
OTHER = (
    "{out}: was written with another key, other settings, or another version of Hilum; name a new folder, so that one"
    " folder has one policy"
)
DAMAGED = "{path}: is damaged, or no record of `hilum deidentify`; name a new folder to write to"


class Record:
    """The record of one output folder."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self.results: dict[str, Result] = {}
        """By digest of the unit, what earlier runs have done."""
        self.outputs: set[str] = set()
        """The files that were written."""

    def add(self, unit: str, result: Result) -> None:
        """Note what became of a unit; raises ConfigError if that cannot be kept."""
        self.outputs.update(result.outputs)
        self._append({"unit": unit, **result.as_json()})

    def begin(self, release: Release, out: Path) -> None:
        """Read the file, or begin it; raises ConfigError if it is of another policy."""
        first = {"hilum_deidentify": 1, "version": __version__, "settings": release.settings, "key": release.key}
        self._file.seek(0)
        line = self._file.readline()
        if not line.endswith(b"\n"):  # new, or its first line was being written when the process ended
            self._file.truncate(0)
            self._append(first)
            return
        if self._read(line) != first:
            raise ConfigError(OTHER.format(out=out))
        whole = self._file.tell()
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            self._take(line)
            whole += len(line)
        self._file.truncate(whole)

    def _take(self, line: bytes) -> None:
        found = self._read(line)
        try:
            result = Result.of_json(found)
            self.results[str(found["unit"])] = result
        except (LookupError, TypeError, ValueError):
            raise ConfigError(DAMAGED.format(path=self._path)) from None
        self.outputs.update(result.outputs)

    def _read(self, line: bytes) -> dict[str, object]:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ConfigError(DAMAGED.format(path=self._path))
        return found

    def _append(self, line: dict[str, object]) -> None:
        try:
            self._file.write(json.dumps(line).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            mend = "correct that, and run the same command again"
            raise ConfigError(f"{self._path}: cannot be written: {error.strerror}; {mend}") from None


@contextmanager
def open_record(own: Path, release: Release, out: Path) -> Iterator[Record]:
    """Open the record in *own*, the ``.hilum`` of *out*; raises ConfigError if it cannot be used."""
    path = own / NAME
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a+b")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be opened: {error.strerror}; name a folder that you may write to") from None
    with file:
        record = Record(path, file)
        record.begin(release, out)
        yield record
        os.fsync(file.fileno())
