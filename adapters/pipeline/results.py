"""The results of the stages: files that are named by a digest of all that they were made from.

A result is written under another name, synced and renamed, so that there is a whole one or none, and who finds one need
not make it again. Its name says whether it holds rows or dead letters; so it need not be read to know that. The files
hold what hospitals hold: their folder is on the identified side, for its owner alone.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from adapters.pipeline.contract import Dead, Made, Reference
from adapters.tables.columns import column_of

State = Literal["made", "dead"]
UNFINISHED = "unfinished"
"""The folder of files that are being written. Only one run is there at a time: what it finds there is of no use."""
ENDING = ".json"


class Stored(msgspec.Struct, array_like=True):
    """A result as it is written."""

    rows: dict[str, list[dict[str, Any]]]
    columns: dict[str, list[dict[str, Any]]]
    files: dict[str, bytes]
    dead: list[tuple[str, str]]


ENCODER, DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(Stored)


def digest_of(stage: str, reference: Reference, basis: str) -> str:
    """Return the name of the result of a stage; *basis* is a digest of its settings and its code's version."""
    parts = [stage, reference.hospital, reference.key, reference.version, reference.size, reference.modified, basis]
    return hashlib.sha256(json.dumps(parts).encode(errors="surrogatepass")).hexdigest()


class Results:
    """The results below one folder. The methods block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> None:
        """Remove what a killed run has left unfinished, here and by Beam's own sinks."""
        for each in (self._folder / UNFINISHED, *self._folder.glob("beam-temp-*"), *self._folder.glob(".temp*")):
            if each.exists():
                shutil.rmtree(each)

    def known(self, stage: str) -> dict[str, State]:
        """Return the names of the results of a stage, each with what it holds."""
        found: dict[str, State] = {}
        for folder in _entries(self._folder / stage):
            for entry in _entries(Path(folder.path)):
                name, _, state = entry.name.removesuffix(ENDING).partition(".")
                if state in get_args(State):
                    found[name] = state  # type: ignore[assignment]
        return found

    def write(self, stage: str, name: str, made: Made) -> State:
        """Write a result durably; return what it holds."""
        state: State = "dead" if made.dead and not made.rows else "made"
        stored = Stored(
            {table: [dict(each) for each in rows] for table, rows in made.rows.items()},
            {table: [each.as_json() for each in columns] for table, columns in made.columns.items()},
            dict(made.files),
            [(each.stage, each.reason) for each in made.dead],
        )
        path = self._path(stage, name, state)
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self._folder, self._folder / stage, path.parent, self._folder / UNFINISHED):
            folder.mkdir(mode=0o700, exist_ok=True)
        unfinished = self._folder / UNFINISHED / secrets.token_hex(16)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(ENCODER.encode(stored))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)  # the folder is not synced: a name that a power failure loses is made again
        return state

    def state(self, stage: str, name: str) -> State | None:
        """Return what a result holds; None if there is none."""
        return next((state for state in get_args(State) if self._path(stage, name, state).exists()), None)

    def read(self, stage: str, name: str, state: State, reference: Reference) -> Made:
        """Return a result; a damaged one is removed and raises ResultDamagedError."""
        path = self._path(stage, name, state)
        try:
            stored = DECODER.decode(path.read_bytes())
            columns = {table: tuple(map(column_of, each)) for table, each in stored.columns.items()}
        except (msgspec.DecodeError, ValueError, OSError):
            path.unlink(missing_ok=True)
            raise ResultDamagedError("a result of a stage was damaged and is removed; run the same again") from None
        dead = [Dead(reference, stage, reason) for stage, reason in stored.dead]
        return Made(stored.rows, columns, stored.files, dead)

    def remove(self, stage: str, names: Iterable[str], *states: State) -> None:
        """Remove results for good, or those only that hold one of *states*."""
        for name in names:
            for state in states or get_args(State):
                self._path(stage, name, state).unlink(missing_ok=True)

    def end(self) -> None:
        """Remove the folder of unfinished files."""
        shutil.rmtree(self._folder / UNFINISHED, ignore_errors=True)

    def _path(self, stage: str, name: str, state: State) -> Path:
        return self._folder / stage / name[:2] / f"{name}.{state}{ENDING}"


class ResultDamagedError(Exception):
    """A result cannot be read."""


def _entries(folder: Path) -> Sequence["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return ()


def basis_of(version: str, settings: Mapping[str, Any]) -> str:
    """Return the digest of settings, which are JSON values, and the version of the code that makes a result."""
    written = json.dumps([version, settings], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
